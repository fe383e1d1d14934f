package io.github.r2dbcrouting.dialect;

import io.github.r2dbcrouting.error.AcquireQueueFullException;
import io.github.r2dbcrouting.error.AcquireTimeoutException;
import io.github.r2dbcrouting.error.ExchangeTimeoutException;
import io.github.r2dbcrouting.error.NodeUnreachableException;
import io.github.r2dbcrouting.error.OutcomeUnknownException;
import io.github.r2dbcrouting.error.ServerSaturatedException;
import io.github.r2dbcrouting.error.TransactionLostException;
import io.r2dbc.spi.R2dbcException;
import java.io.IOException;
import reactor.core.Exceptions;

/** What an error says about the node and about the statement. */
public enum ErrorKind {
    /** The node or the connection to it is at fault: another node may well answer. */
    NODE_FAULT,
    /** The connection had broken before the driver sent anything on it: nothing was done, and another will do. */
    UNSENT,
    /** The node refused a write because it is, or this connection is, read-only; nothing was done. */
    READ_ONLY_REFUSAL,
    /** A replica cancelled the query because it was in the way of replay; another node may well answer. */
    RECOVERY_CONFLICT,
    /** The node is alive but lacks what the statement needs: memory, disk, an intact file; another may well have it. */
    NODE_SHORTAGE,
    /** A write was sent and its answer was lost. */
    OUTCOME_UNKNOWN,
    /** The node is alive but has no connection left; never a sign of death. */
    SATURATION,
    /** The statement itself, or the user's rights, are at fault; every node would say the same. */
    USER;

    /** Reactor wraps the errors that come through a window, as those of the drivers' results do. */
    static ErrorKind of(Throwable signalled, DatabaseDialect dialect) {
        Throwable error = Exceptions.unwrap(signalled);
        if (error instanceof ExchangeTimeoutException
                || error instanceof NodeUnreachableException
                || error instanceof TransactionLostException) {
            return NODE_FAULT;
        }
        if (error instanceof OutcomeUnknownException) {
            return OUTCOME_UNKNOWN;
        }
        if (error instanceof AcquireTimeoutException
                || error instanceof AcquireQueueFullException
                || error instanceof ServerSaturatedException
                || error instanceof StaleConnectionException) {
            return SATURATION;
        }
        if (error instanceof R2dbcException answered) {
            return dialect.classify(answered);
        }
        return isFromNetwork(error) ? NODE_FAULT : USER;
    }

    /** By name, since netty comes with the drivers and some of its exceptions have no type above them but its own. */
    private static boolean isFromNetwork(Throwable error) {
        String type = error.getClass().getName();
        return error instanceof IOException || type.startsWith("io.netty.") || type.startsWith("reactor.netty.");
    }

    /** Returns whether a read that has not delivered a row may run again on another node. */
    public boolean isRetryableElsewhere() {
        return switch (this) {
            case NODE_FAULT, UNSENT, READ_ONLY_REFUSAL, RECOVERY_CONFLICT, NODE_SHORTAGE, SATURATION -> true;
            case OUTCOME_UNKNOWN, USER -> false;
        };
    }

    /** Returns whether the connection cannot be used any more, and its node is to be looked at. */
    public boolean isLostConnection() {
        return this == NODE_FAULT || this == UNSENT;
    }

    /** Returns whether it counts against the node as a server of statements, however well it answers its probes. */
    public boolean isFaultOfNode() {
        return this == NODE_FAULT || this == NODE_SHORTAGE || this == OUTCOME_UNKNOWN;
    }

    /** Returns what this kind means for a write that was in flight. */
    public ErrorKind duringWrite() {
        return this == NODE_FAULT ? OUTCOME_UNKNOWN : this;
    }
}
