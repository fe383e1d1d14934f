package io.github.r2dbcrouting.history;

/** What a session can be promised (Terry et al., "Session guarantees for weakly consistent replicated data", 1994). */
public enum Guarantee {
    /** A read shows what its session wrote before. */
    READ_YOUR_WRITES,
    /** A read shows what an earlier read of its session showed. */
    MONOTONIC_READS,
    /** Who sees a write sees the earlier writes of its session. */
    MONOTONIC_WRITES,
    /** Who sees a write sees what its session had read before it. */
    WRITES_FOLLOW_READS,
    /** What was acknowledged is there in the end. */
    NOTHING_LOST
}
