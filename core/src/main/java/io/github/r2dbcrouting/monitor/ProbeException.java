package io.github.r2dbcrouting.monitor;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** A probe that failed. Its message says what went wrong with which node, without secrets. */
public final class ProbeException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final boolean alive;

    /**
     * Creates the failure of a probe.
     *
     * @param alive whether the node answered nevertheless, as one does that has no connection left or refuses the
     *     monitor's user: no sign of death
     */
    public ProbeException(String message, boolean alive, @Nullable Throwable cause) {
        super(message, cause);
        this.alive = alive;
    }

    /** Returns whether the node answered nevertheless. */
    public boolean isAlive() {
        return alive;
    }
}
