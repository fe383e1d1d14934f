package io.github.r2dbcrouting.connection;

import io.github.r2dbcrouting.balancing.Flights;
import io.github.r2dbcrouting.balancing.NodeLoad;
import io.github.r2dbcrouting.dialect.ErrorKind;
import io.github.r2dbcrouting.outlier.NodeOutcomes;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * What an exchange tells of its node. How fast that answers, its first sign tells: whatever comes later takes as long as the user takes to
 * consume it. Balancers count from when the node was asked for a connection, whoever looks for outliers from when the statement was sent.
 */
final class FirstAnswer {

    private static final AtomicIntegerFieldUpdater<FirstAnswer> SETTLED =
            AtomicIntegerFieldUpdater.newUpdater(FirstAnswer.class, "settled");

    private final NodeLoad load;
    private final NodeOutcomes outcomes;
    private final long begunAt;
    private long sentAt;

    /** 1 as soon as it is not awaited any more. */
    private volatile int settled;

    private volatile boolean failed;
    private volatile boolean over;

    private FirstAnswer(NodeLoad load, NodeOutcomes outcomes, long begunAt) {
        this.load = load;
        this.outcomes = outcomes;
        this.begunAt = begunAt;
    }

    /** Something is about to be sent. */
    static FirstAnswer after(Flights flights, NodeOutcomes outcomes) {
        return new FirstAnswer(flights.load(), outcomes, flights.begin());
    }

    /** It is sent now. */
    void sent(long now) {
        sentAt = now;
        outcomes.began();
    }

    /** The node has said something. */
    void came() {
        if (settled == 0 && !failed && settle()) {
            outcomes.answered(load.answered(begunAt) - sentAt);
        }
    }

    private boolean settle() {
        return SETTLED.compareAndSet(this, 0, 1);
    }

    /** An error came, from the node or of the connection to it. */
    void failed(ErrorKind kind) {
        if (!isNodesFault(kind)) {
            came();
        } else if (!failed) {
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
        if (settled == 0 && !failed) {
            load.unanswered(begunAt);
        }
    }

    /** The connection is dropped: it may never come. */
    void lost(@Nullable ErrorKind failure, long now) {
        unwanted();
        if (settled == 0 || failure != null) {
            over(failure, now);
        }
        over = true;
    }

    /** The exchange has come to its end, with the first error or without one. */
    void ended(@Nullable ErrorKind failure, long now) {
        came();
        over(failure, now);
    }

    private void over(@Nullable ErrorKind failure, long now) {
        if (over) {
            return;
        }
        over = true;
        boolean unanswered = settle();
        if (failure != null && failure.isFaultOfNode()) {
            if (unanswered) {
                outcomes.failed(sentAt, now);
            } else {
                outcomes.failedBefore(sentAt, now);
            }
        } else if (unanswered) {
            outcomes.ended();
        } else if (failure == null || failure == ErrorKind.USER) {
            outcomes.succeeded();
        }
    }

    /** Returns how long ago it was sent. */
    long took(long now) {
        return now - sentAt;
    }
}
