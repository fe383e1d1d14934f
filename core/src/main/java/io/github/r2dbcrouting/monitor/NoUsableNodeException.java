package io.github.r2dbcrouting.monitor;

import java.io.Serial;

/** No node can be given work. The message names each node and what is wrong with it. */
public final class NoUsableNodeException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    NoUsableNodeException(String message) {
        super(message);
    }
}
