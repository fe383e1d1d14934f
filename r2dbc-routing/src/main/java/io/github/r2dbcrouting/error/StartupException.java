package io.github.r2dbcrouting.error;

import io.r2dbc.spi.R2dbcTransientResourceException;
import java.io.Serial;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** No node became usable within the start-up timeout; the message carries each node's last error. */
public final class StartupException extends R2dbcTransientResourceException implements Explained {

    @Serial
    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial") // Always one of the immutable lists, whose elements are serializable.
    private final List<Problem> problems;

    /**
     * Creates the error with SQLSTATE 08001, unable to establish the connection.
     *
     * @param problems what is wrong with each node
     */
    public StartupException(String message, List<Problem> problems, @Nullable Throwable cause) {
        super(message, "08001", cause);
        this.problems = List.copyOf(problems);
    }

    @Override
    public List<Problem> problems() {
        return problems;
    }
}
