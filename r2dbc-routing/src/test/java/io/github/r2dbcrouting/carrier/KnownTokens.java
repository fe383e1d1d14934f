package io.github.r2dbcrouting.carrier;

import io.github.r2dbcrouting.consistency.ConsistencySession;
import io.github.r2dbcrouting.consistency.SessionToken;
import io.github.r2dbcrouting.consistency.TokenKeys;
import io.github.r2dbcrouting.monitor.TopologySource;
import io.github.r2dbcrouting.position.Branch;
import io.github.r2dbcrouting.position.LogPosition;
import io.github.r2dbcrouting.position.PositionBound;
import io.github.r2dbcrouting.session.SessionTokens;
import io.github.r2dbcrouting.settings.TokenSettings;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

/** Tokens of a cluster without a node, whose sessions have seen what the test says. */
final class KnownTokens implements TopologySource {

    static final Duration GRACE = Duration.ofSeconds(5);
    private static final Topology NOTHING = Topology.unprobed(List.of());

    private KnownTokens() {}

    static SessionTokens create() {
        TokenSettings settings =
                new TokenSettings(TokenKeys.of(new byte[32]), "shop", Duration.ofHours(1), Duration.ofSeconds(30));
        return new SessionTokens(settings, GRACE, new KnownTokens(), Schedulers.parallel(), Clock.systemUTC(), () -> 0);
    }

    /** Returns a session that has seen a position of the log. */
    static ConsistencySession session(long lsn) {
        ConsistencySession session = ConsistencySession.create();
        see(session, lsn);
        return session;
    }

    static void see(ConsistencySession session, long lsn) {
        session.include(new SessionToken(0, bound(lsn), false, Instant.EPOCH));
    }

    static PositionBound bound(long lsn) {
        return PositionBound.of(new LogPosition(Branch.ofTimeline(1), lsn));
    }

    static long lsn(ConsistencySession session) {
        return session.bound().isNone()
                ? 0
                : ((LogPosition) session.bound().positions().get(0)).lsn();
    }

    static boolean isDoubtful(ConsistencySession session) {
        return session.distrustsReplicasFor(Schedulers.parallel().now(TimeUnit.NANOSECONDS)) > 0;
    }

    @Override
    public Topology current() {
        return NOTHING;
    }

    @Override
    public Flux<Topology> topology() {
        return Flux.just(NOTHING);
    }

    @Override
    public void suspect(NodeId node, long generation) {
        throw new AssertionError("there is no node " + node);
    }

    @Override
    public void refresh(NodeId node) {
        throw new AssertionError("there is no node " + node);
    }
}
