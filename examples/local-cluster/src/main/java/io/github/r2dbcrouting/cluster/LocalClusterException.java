package io.github.r2dbcrouting.cluster;

import org.jspecify.annotations.Nullable;

/** Says that the local cluster could not do what it was asked to do. */
public sealed class LocalClusterException extends RuntimeException permits PortTakenException {

    private static final long serialVersionUID = 1L;

    LocalClusterException(String message) {
        this(message, null);
    }

    LocalClusterException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
