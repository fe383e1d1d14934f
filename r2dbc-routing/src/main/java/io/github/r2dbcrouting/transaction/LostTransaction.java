package io.github.r2dbcrouting.transaction;

import io.github.r2dbcrouting.error.NodeUnreachableException;
import io.github.r2dbcrouting.error.TransactionLostException;
import io.github.r2dbcrouting.topology.NodeId;
import io.r2dbc.spi.R2dbcException;
import java.util.concurrent.TimeUnit;
import reactor.core.scheduler.Scheduler;

/**
 * A transaction that was lost with its connection. Whatever still belongs to it must not run anywhere else.
 *
 * @param node where it ran
 * @param cause what happened to the connection
 * @param clock tells how long ago
 * @param lostAt in nanoseconds of the clock
 * @param ended whether its owner has ended it, so that what is missing now is what the rest of the session had
 */
public record LostTransaction(NodeId node, Throwable cause, Scheduler clock, long lostAt, boolean ended) {

    public static LostTransaction now(NodeId node, Throwable cause, Scheduler clock) {
        return new LostTransaction(node, cause, clock, clock.now(TimeUnit.NANOSECONDS), false);
    }

    /** Returns the same after its owner has ended it. */
    public LostTransaction end() {
        return new LostTransaction(node, cause, clock, lostAt, true);
    }

    /** Returns the error for whatever still belongs to it. */
    public R2dbcException error() {
        long ago = TimeUnit.NANOSECONDS.toMillis(clock.now(TimeUnit.NANOSECONDS) - lostAt);
        String what = "node " + node + ": the " + (ended ? "session" : "transaction") + " on it was lost " + ago
                + " ms ago with its connection: " + cause.getMessage();
        return ended
                ? new NodeUnreachableException(
                        what + "; what had been set in it is lost too; close this connection and take another", cause)
                : new TransactionLostException(
                        what + "; nothing of it took effect; roll back and run it again from its start", cause);
    }
}
