package io.github.r2dbcrouting.error;

import java.io.Serial;

/**
 * Why a statement that might have run again did not: so many had been sent again that the budget for it was spent. It is never
 * thrown; the statement's own error holds it as a {@linkplain Throwable#getSuppressed() suppressed} one.
 */
public final class RetryRefusedException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    /**
     * Creates the note, without a stack trace.
     *
     * @param perSecond how many retries a second are always allowed
     * @param share how many are allowed besides, for each statement
     */
    public RetryRefusedException(int perSecond, double share) {
        super(
                "not sent again: the retry budget is spent, " + perSecond + " a second and " + Math.round(100 * share)
                        + " % of the statements; many statements fail at once, so look at the nodes before you raise"
                        + " retriesPerSecond or retryShare",
                null,
                false,
                false);
    }
}
