package io.github.r2dbcrouting.monitor;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** A probe that failed. Its message says what went wrong with which node, without secrets. */
public final class ProbeException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final boolean saturated;

    /**
     * Creates the failure of a probe.
     *
     * @param saturated whether the node is alive but has no connection left, which is no sign of death
     */
    public ProbeException(String message, boolean saturated, @Nullable Throwable cause) {
        super(message, cause);
        this.saturated = saturated;
    }

    /** Returns whether the node is alive but has no connection left. */
    public boolean isSaturated() {
        return saturated;
    }
}
