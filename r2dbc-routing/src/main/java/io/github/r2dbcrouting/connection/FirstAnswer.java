package io.github.r2dbcrouting.connection;

import io.github.r2dbcrouting.balancing.Flights;
import io.github.r2dbcrouting.balancing.NodeLoad;
import io.github.r2dbcrouting.dialect.ErrorKind;

/** What an exchange tells of how fast its node answers: its first sign, from when the node was asked for a connection. */
final class FirstAnswer {

    private final NodeLoad load;
    private final long begunAt;
    private volatile boolean known;
    private volatile boolean failed;

    private FirstAnswer(NodeLoad load, long begunAt) {
        this.load = load;
        this.begunAt = begunAt;
    }

    /** Something is about to be sent. */
    static FirstAnswer after(Flights flights) {
        return new FirstAnswer(flights.load(), flights.begin());
    }

    /** The node has said something. */
    void came() {
        if (!known) {
            known = true;
            load.answered(begunAt);
        }
    }

    /** An error came, from the node or of the connection to it. */
    void failed(ErrorKind kind) {
        if (!isNodesFault(kind)) {
            came();
        } else if (!failed) {
            known = true;
            failed = true;
            load.failed(begunAt);
        }
    }

    private static boolean isNodesFault(ErrorKind kind) {
        return switch (kind) {
            case NODE_FAULT, UNSENT, RECOVERY_CONFLICT, NODE_SHORTAGE, OUTCOME_UNKNOWN, SATURATION -> true;
            case READ_ONLY_REFUSAL, USER -> false;
        };
    }

    /** Nobody waits for it any more. */
    void unwanted() {
        if (!known) {
            load.unanswered(begunAt);
        }
    }
}
