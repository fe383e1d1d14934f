package io.github.r2dbcrouting.connection;

import io.github.r2dbcrouting.acquiring.Want;
import io.github.r2dbcrouting.dialect.ErrorKind;
import io.github.r2dbcrouting.hold.Hold;
import io.github.r2dbcrouting.retry.Retries;
import io.github.r2dbcrouting.retry.RetryPolicy;
import io.github.r2dbcrouting.topology.NodeRole;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Whether and when a statement that has failed is sent again. Used by one signal after the other. */
final class Repetition {

    private final RetryPolicy policy;
    private volatile @Nullable Retries retries;
    private volatile @Nullable Throwable lastError;

    Repetition(RetryPolicy policy) {
        this.policy = policy;
    }

    /** A replica has refused what it took for a write: nothing has failed, and it runs once. */
    static boolean isMisplaced(Want want, Exchange exchange, ErrorKind kind) {
        return kind == ErrorKind.READ_ONLY_REFUSAL
                && want.isRead()
                && !exchange.hold().isPinned()
                && exchange.hold().lease().role() != NodeRole.PRIMARY;
    }

    /** Returns whether the statement is to be sent again after an error, which is counted. */
    boolean mayFollow(Want want, Exchange failed, ErrorKind kind, Throwable error) {
        lastError = error;
        return isRepeatable(want, failed, kind) && retries().tryNext(kind == ErrorKind.UNSENT);
    }

    private static boolean isRepeatable(Want want, Exchange exchange, ErrorKind kind) {
        Hold hold = exchange.hold();
        if (!hold.isPinned()) {
            return want.isRead() && !exchange.isWriting() && kind.isRetryableElsewhere();
        }
        if (exchange.seen() != null) {
            // All that its transaction has read can be read again on the primary.
            return kind.isLostConnection() || kind == ErrorKind.RECOVERY_CONFLICT;
        }
        if (want.readOnlyTransaction() && hold.isPinnedForReading() && !hold.isInTransaction()) {
            // Nothing but its begin was sent.
            return kind.isRetryableElsewhere();
        }
        boolean twice = Boolean.TRUE.equals(want.hints().idempotent())
                && (kind.duringWrite() == ErrorKind.OUTCOME_UNKNOWN || kind == ErrorKind.READ_ONLY_REFUSAL);
        return (twice || kind == ErrorKind.UNSENT) && !hold.isAltered() && !hold.isInTransaction();
    }

    /** Returns how long to wait before it is sent again. */
    Duration pause() {
        return retries().pause();
    }

    private Retries retries() {
        Retries present = retries;
        if (present == null) {
            present = policy.begin();
            retries = present;
        }
        return present;
    }

    /** Returns the error for the user: with why it was not sent again, if that is not plain. */
    Throwable explain(Throwable error) {
        Retries asked = retries;
        return asked == null ? error : asked.explain(error);
    }

    /** Returns the error for the user when nothing could be sent again: what had failed before is told with it. */
    Throwable unsent(Throwable error) {
        Throwable earlier = lastError;
        if (earlier != null && earlier != error) {
            error.addSuppressed(earlier);
        }
        return error;
    }
}
