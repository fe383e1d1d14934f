package io.github.r2dbcrouting.history;

import java.util.EnumSet;
import java.util.Set;

/**
 * What a session can be promised. The first four are those of Terry et al., "Session guarantees for weakly consistent replicated
 * data", 1994.
 */
public enum Guarantee {
    /** A read shows what its session was told before that it has written. */
    READ_YOUR_WRITES,
    /**
     * A read shows what an earlier read of its session showed; the primary need not show what only replicas have shown yet.
     */
    MONOTONIC_READS,
    /** The primary shows what replicas showed its session, even before that is acknowledged. No database promises it. */
    PRIMARY_KEEPS_UP,
    /** Who sees a write sees the earlier writes of its session. */
    MONOTONIC_WRITES,
    /** Who sees a write sees what its session had read before it. */
    WRITES_FOLLOW_READS,
    /** A read of the latest shows what was acknowledged to anybody before, and what an earlier such read showed. */
    LATEST,
    /** What was acknowledged, or seen by anybody, is there in the end. */
    NOTHING_LOST;

    /** Returns what a session can rely on that only asks to see its own writes. */
    public static Set<Guarantee> ofReadYourWrites() {
        return EnumSet.complementOf(EnumSet.of(MONOTONIC_READS, PRIMARY_KEEPS_UP));
    }

    /** Returns what a session can rely on that also asks to go forward in time. */
    public static Set<Guarantee> ofSession() {
        return EnumSet.complementOf(EnumSet.of(PRIMARY_KEEPS_UP));
    }
}
