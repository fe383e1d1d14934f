package io.github.r2dbcrouting.virtual;

import io.github.r2dbcrouting.acquiring.Want;
import io.github.r2dbcrouting.hold.Hold;
import io.github.r2dbcrouting.topology.NodeState;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/** The one pin that a virtual connection may have at a time. Safe for concurrent use. */
final class Pinning {

    private static final AtomicReferenceFieldUpdater<Pinning, @Nullable Pin> PIN =
            AtomicReferenceFieldUpdater.newUpdater(Pinning.class, Pin.class, "pin");

    private final VirtualSession session;
    private volatile @Nullable Pin pin;

    Pinning(VirtualSession session) {
        this.session = session;
    }

    boolean isEmpty() {
        return pin == null;
    }

    boolean isAt(Pin asked) {
        return pin == asked;
    }

    /** Returns the pinned connection, or {@code null} while there is none. */
    @Nullable
    Hold hold() {
        Pin present = pin;
        return present == null ? null : present.hold();
    }

    /** Returns the pin there is, or a new one. */
    Pin take(Want want) {
        while (true) {
            Pin present = pin;
            if (present != null) {
                return present;
            }
            Pin next = new Pin(session, this, want);
            if (PIN.compareAndSet(this, null, next)) {
                return next;
            }
        }
    }

    /**
     * Returns the pin if it can still be used. One that broke, or whose node began another life, is given up unless it
     * holds what cannot be had again: then the error, or its last answers, are what the user must see. So is one for a
     * read-only transaction that has ended, or that never began since its user cancelled.
     */
    @Nullable
    Pin live() {
        Pin present = pin;
        Hold hold = present == null ? null : present.hold();
        if (present == null || hold == null) {
            return present;
        }
        boolean idle = hold.isPinnedForReading() && !hold.isInTransaction() && hold.isIdle();
        if (hold.transaction().lost() != null
                || !idle && (isCurrent(hold) || hold.isAltered() || hold.isInTransaction())) {
            return present;
        }
        session.unpin(hold);
        return null;
    }

    private boolean isCurrent(Hold hold) {
        NodeState node = session.services()
                .routing()
                .topology()
                .current()
                .node(hold.lease().node());
        return !hold.isBroken()
                && node != null
                && node.generation() == hold.lease().generation();
    }

    /** The pin could not be taken. */
    void end(Pin over) {
        PIN.compareAndSet(this, over, null);
    }

    /** Returns whether this has ended the pin with that connection; it is not released. */
    boolean end(Hold hold) {
        Pin present = pin;
        return present != null && present.hold() == hold && PIN.compareAndSet(this, present, null);
    }

    /** Ends whatever pin there is and returns its connection, which is not released, or {@code null}. */
    @Nullable
    Hold endAny() {
        Pin present = PIN.getAndSet(this, null);
        return present == null ? null : present.hold();
    }
}
