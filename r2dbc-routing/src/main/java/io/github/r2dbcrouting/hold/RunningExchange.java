package io.github.r2dbcrouting.hold;

/** An exchange that runs on a {@link Hold}, as the hold knows it. */
public interface RunningExchange {

    /** Returns whether each of its parts has come to its end. */
    boolean hasEnded();

    /** Its connection is dropped: parts of it may never end, but no session waits for them. */
    void lost();

    /** Nobody will ever consume the result that came last: lets the driver release the rows that it has buffered for it. */
    void releaseUnconsumed();
}
