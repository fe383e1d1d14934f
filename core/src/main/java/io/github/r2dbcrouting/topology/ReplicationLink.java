package io.github.r2dbcrouting.topology;

import org.jspecify.annotations.Nullable;

/**
 * The connection over which a replica receives changes.
 *
 * @param state whether it is up; {@link State#UNKNOWN} where the monitoring role may not see it, never a guess
 * @param upstreamHost the host that the replica was told to follow, or {@code null} where unknown
 * @param upstreamPort that host's port, or 0 where unknown
 */
public record ReplicationLink(State state, @Nullable String upstreamHost, int upstreamPort) {

    /** A link of which nothing is known; also that of a primary, which has none. */
    public static final ReplicationLink UNKNOWN = new ReplicationLink(State.UNKNOWN, null, 0);

    /** Whether changes arrive over a link. */
    public enum State {
        STREAMING,
        DISCONNECTED,
        UNKNOWN
    }
}
