package io.github.r2dbcrouting.virtual;

import io.github.r2dbcrouting.acquiring.Acquiring.Confirmed;
import io.github.r2dbcrouting.acquiring.Want;
import io.github.r2dbcrouting.hold.Hold;
import io.github.r2dbcrouting.hold.HoldPurpose;
import io.github.r2dbcrouting.selection.RouteDecision;
import io.github.r2dbcrouting.topology.NodeRole;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** The pin, from when its acquisition begins: whoever else needs it meanwhile waits for the same one. */
final class Pin {

    private final VirtualSession session;
    private final Want first;
    private final Mono<Hold> acquisition;
    private volatile @Nullable Hold hold;
    private volatile @Nullable RouteDecision decision;

    /** Creates the pin of a session; it is taken when somebody waits for it. */
    Pin(VirtualSession session, Pinning pinning, Want want) {
        this.session = session;
        this.first = want;
        // A waiter that gives up must not take the connection away from the others: the acquisition is shared, runs
        // to its end, and the pin owns what it brings.
        this.acquisition = session.deciding()
                .acquire(want)
                .flatMap(confirmed -> hold(confirmed, pinning))
                .doOnError(error -> pinning.end(this))
                .cache();
    }

    private Mono<Hold> hold(Confirmed confirmed, Pinning pinning) {
        Hold taken = Hold.take(
                confirmed, first.readOnlyTransaction() ? HoldPurpose.READING_PIN : HoldPurpose.PIN, session.services());
        decision = confirmed.decision();
        if (!first.readOnlyTransaction() && confirmed.lease().role() == NodeRole.PRIMARY) {
            session.writes();
        }
        // Held until it is prepared, even if the session ends meanwhile: its settings must not follow its reset.
        taken.tryRetain();
        hold = taken;
        if (session.isClosed() || !pinning.isAt(this)) {
            taken.release();
            taken.release();
            return Mono.error(VirtualSession.closedError());
        }
        return session.settings().prepare(taken).doFinally(signal -> taken.release());
    }

    /** Returns what all wait for; subscribing takes the pin. */
    Mono<Hold> acquisition() {
        return acquisition;
    }

    /** Returns the connection, or {@code null} while it is being taken. */
    @Nullable
    Hold hold() {
        return hold;
    }

    /** The decision is told with the statement that brought the pin about, and with no other. */
    @Nullable
    RouteDecision decisionFor(Want want) {
        return want == first ? decision : null;
    }
}
