package io.github.r2dbcrouting.retry;

import io.github.r2dbcrouting.error.RetryRefusedException;
import io.github.r2dbcrouting.settings.RetrySettings;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The retries of one statement. Its faults come one after the other, so it is used by one thread at a time. */
public final class Retries {

    private final RetryPolicy policy;
    private @Nullable Long firstFaultAt;
    private int sent;
    private Duration pause = Duration.ZERO;
    private @Nullable RetryRefusedException refusal;

    Retries(RetryPolicy policy) {
        this.policy = policy;
    }

    /**
     * Asks for one more; it is counted if it is granted.
     *
     * @param costsNothing whether the failed node has certainly not executed the statement, so that sending it again is no
     *     more work for anybody
     * @return whether the statement may be sent again, after {@link #pause()}
     */
    public boolean tryNext(boolean costsNothing) {
        RetrySettings settings = policy.settings();
        long now = policy.now();
        if (firstFaultAt == null) {
            firstFaultAt = now;
        }
        // The first goes to another node, which has failed nobody yet.
        Duration next = sent == 0 ? Duration.ZERO : policy.backoff().pause(sent - 1);
        if (sent >= settings.retries()
                || now - firstFaultAt + next.toNanos() > settings.deadline().toNanos()) {
            policy.exhausted();
            return false;
        }
        if (!policy.pay(costsNothing)) {
            refusal = new RetryRefusedException(settings.perSecond(), settings.share());
            return false;
        }
        sent++;
        pause = next;
        return true;
    }

    /** Returns how long to wait before the retry that was granted last; zero for at once. */
    public Duration pause() {
        return pause;
    }

    /** Returns the error for the user: with a note, if it is the budget that kept the statement from being sent again. */
    public Throwable explain(Throwable error) {
        RetryRefusedException note = refusal;
        if (note != null) {
            error.addSuppressed(note);
        }
        return error;
    }
}
