package io.github.r2dbcrouting.retry;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Leave for one read to run on the primary because no replica can serve it. It ends with the connection that it was taken for:
 * until there is one, whoever asks for that gives it back.
 */
public final class FallbackPermit {

    private static final int LOOSE = 0;
    private static final int TIED = 1;
    private static final int ENDED = 2;

    private final FallbackGate gate;
    private final boolean late;
    private final AtomicInteger state = new AtomicInteger(LOOSE);

    FallbackPermit(FallbackGate gate, boolean late) {
        this.gate = gate;
        this.late = late;
    }

    /** Returns whether it was waited for, so that a replica may be back meanwhile. */
    public boolean isLate() {
        return late;
    }

    /** Ties it to a connection, whose return ends it; returns {@code false} if it has ended before. */
    public boolean tie() {
        return state.compareAndSet(LOOSE, TIED);
    }

    /** Gives it back unless it is tied; does nothing the second time. */
    public void endLoose() {
        if (state.compareAndSet(LOOSE, ENDED)) {
            gate.ended();
        }
    }

    /** Gives it back when its connection has been; does nothing the second time. */
    public void endTied() {
        if (state.compareAndSet(TIED, ENDED)) {
            gate.ended();
        }
    }
}
