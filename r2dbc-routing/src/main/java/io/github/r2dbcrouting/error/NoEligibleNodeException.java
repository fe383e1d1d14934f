package io.github.r2dbcrouting.error;

import io.r2dbc.spi.R2dbcTransientResourceException;
import java.io.Serial;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** No node may run the statement at this moment. Nothing was sent, so the statement can be tried again. */
public final class NoEligibleNodeException extends R2dbcTransientResourceException implements Explained {

    @Serial
    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial") // Always one of the immutable lists, whose elements are serializable.
    private final List<Problem> problems;

    /**
     * Creates the error with SQLSTATE 08001, unable to establish the connection.
     *
     * @param message what was asked for, and for each node why it does not do
     * @param problems the same, node by node
     * @param cause the error of the last node that was tried, or {@code null} if none was
     */
    public NoEligibleNodeException(String message, List<Problem> problems, @Nullable Throwable cause) {
        super(message, "08001", cause);
        this.problems = List.copyOf(problems);
    }

    @Override
    public List<Problem> problems() {
        return problems;
    }
}
