package io.github.r2dbcrouting.consistency;

import io.github.r2dbcrouting.consistency.Consistency.Level;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * What one read has to see: what its session had seen when the read began, and the writes that were under way then. It does not grow
 * with what happens in the session while the read waits, or a session that many share would have its reads wait for ever. For one
 * read, and not safe for concurrent use.
 */
public final class ReadPoint {

    private final @Nullable ConsistencySession session;
    private final Level level;
    private SessionState state;

    ReadPoint(@Nullable ConsistencySession session, Level level, SessionState state) {
        this.session = session;
        this.level = level;
        this.state = state;
    }

    /**
     * Returns the point of a read that has to see everything which was committed before a moment, by whomever.
     *
     * @param epoch the present epoch
     * @param now nanoseconds of the monotonic clock that the samples are timed with
     */
    public static ReadPoint ofEverythingBefore(long epoch, long now) {
        return new ReadPoint(null, Level.READ_YOUR_WRITES, SessionState.CLEAN.written(epoch, now));
    }

    /**
     * Returns what is asked by now of the node that serves the read.
     *
     * @param topology the present snapshot, whose samples resolve fences
     * @param now nanoseconds of the monotonic clock that the samples are timed with
     */
    public Requirement requirement(Topology topology, long now) {
        Loss loss = session == null ? null : session.loss(topology);
        state = state.settled().resolved(topology);
        return state.requirement(level, topology, now).with(loss);
    }

    /** Returns whether a write is under way of which something was handed out, so that the read may come from it: it is worth waiting for. */
    public boolean followsAWrite() {
        for (ConsistencySession.Write write : state.open()) {
            if (write.isAwaited()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Returns a cold {@link Mono} that completes when those writes are over, on the thread that ends the last one, or after a
     * while. Rows that are handed out only as the reads for those before have ended would hold up their own write; so nobody waits
     * again for one that has been waited for in vain.
     *
     * @param limit the most to wait
     * @param timers times it
     */
    public Mono<Void> whenWritten(Duration limit, Scheduler timers) {
        return Mono.defer(() -> {
            List<ConsistencySession.Write> followed = state.open().stream()
                    .filter(ConsistencySession.Write::isAwaited)
                    .toList();
            return Mono.when(followed.stream()
                            .map(ConsistencySession.Write::whenOver)
                            .toList())
                    .timeout(
                            limit,
                            Mono.fromRunnable(() -> followed.forEach(ConsistencySession.Write::waitedInVain)),
                            timers);
        });
    }

    /** Returns whether it is of a session that many share who do not know of each other. */
    public boolean isShared() {
        return session != null && session.isShared();
    }

    /** Returns whether it has to show again what its session has seen on replicas, which the primary may not show yet. */
    public boolean hasReadOnReplicas() {
        return level == Level.SESSION && !state.reads().isNone();
    }

    @Override
    public String toString() {
        return "ReadPoint[" + level + ", " + state + "]";
    }
}
