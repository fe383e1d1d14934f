package io.github.r2dbcrouting.session;

import io.github.r2dbcrouting.consistency.ConsistencySession;
import io.github.r2dbcrouting.consistency.SessionToken;
import io.github.r2dbcrouting.consistency.TokenCodec;
import io.github.r2dbcrouting.consistency.TokenRefusal;
import io.github.r2dbcrouting.monitor.TopologySource;
import io.github.r2dbcrouting.position.PositionBound;
import io.github.r2dbcrouting.settings.TokenSettings;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.ServerIdentity;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Takes sessions from one process to another: what a session wrote here, it sees there. A token is a short text, safe in headers,
 * cookies and messages. One that is not believed never breaks a request, and never makes its session less consistent than it would
 * be without: it then reads on the primary for a while.
 */
public final class SessionTokens {

    private static final Logger logger = LoggerFactory.getLogger(SessionTokens.class);

    private final TokenSettings settings;
    private final Duration grace;
    private final TopologySource source;
    private final Scheduler timers;
    private final Clock clock;
    private final LongSupplier extraLag;
    private final TokenTally tally = new TokenTally();

    /**
     * Creates the tokens of a factory.
     *
     * @param grace how long a session reads on the primary of which it is not known what it wrote
     * @param source tells the cluster and the position of its primary
     * @param timers times waiting, and is the clock that samples are timed with
     * @param clock tells the time of day, which tokens carry
     * @param extraLag by how much more than is configured replicas may be behind at this moment, in nanoseconds
     */
    public SessionTokens(
            TokenSettings settings,
            Duration grace,
            TopologySource source,
            Scheduler timers,
            Clock clock,
            LongSupplier extraLag) {
        this.settings = settings;
        this.grace = grace;
        this.source = source;
        this.timers = timers;
        this.clock = clock;
        this.extraLag = extraLag;
    }

    /**
     * Returns a cold {@link Mono} of the token of what a session has seen and written by now; empty if that is nothing. It waits for
     * the position of the session's last write, by one question to the primary that it shares with all who wait; if that takes too
     * long, or a write is still under way, the token says that it does not tell all. Never fails; cancelling gives up the wait.
     */
    public Mono<String> export(ConsistencySession session) {
        return Mono.defer(() -> {
            if (isResolved(session, source.current())) {
                return Mono.justOrEmpty(write(session));
            }
            return source.topology()
                    .onBackpressureLatest()
                    .publishOn(timers, 1)
                    .filter(topology -> isResolved(session, topology) || isAskedFor(topology))
                    .next()
                    .timeout(settings.exportTimeout(), Mono.empty(), timers)
                    .then(Mono.fromSupplier(() -> write(session)));
        });
    }

    private boolean isResolved(ConsistencySession session, Topology topology) {
        session.learn(topology);
        return !session.isUnresolved();
    }

    /** Asks the primary for its position; returns {@code false}, since that comes with a later snapshot. */
    private boolean isAskedFor(Topology topology) {
        NodeState primary = topology.primary();
        if (primary != null) {
            source.refresh(primary.id());
        }
        return false;
    }

    private @Nullable String write(ConsistencySession session) {
        Long cluster = cluster(source.current());
        Instant now = clock.instant();
        Instant unresolvedAt = unresolvedAt(session, now);
        PositionBound bound = session.bound();
        // Before the first sample nothing ran here: whoever has a token already knows more than could be told.
        if (cluster == null || bound.isNone() && unresolvedAt == null) {
            return null;
        }
        SessionToken token = new SessionToken(cluster, bound, unresolvedAt, now, session.lotIfDrawn());
        tally.written(token.unresolved());
        return codec(cluster).write(token);
    }

    /** A session that came without telling all goes on so, or its next process would end the grace that this one has begun. */
    private @Nullable Instant unresolvedAt(ConsistencySession session, Instant now) {
        if (session.isUnresolved()) {
            return now;
        }
        long extra = extraLag.getAsLong();
        long left = session.distrustsReplicasFor(now() - extra);
        return left == 0 ? null : now.minus(grace).plusNanos(left - extra);
    }

    /**
     * Returns a session that has seen what a token tells, or one that reads on the primary for the grace if the token is not believed
     * or does not tell all. Never fails and never waits.
     *
     * @param text a token, or {@code null} for none, which gives a session that has seen nothing
     */
    public ConsistencySession accept(@Nullable String text) {
        if (text == null || text.isEmpty()) {
            return ConsistencySession.create();
        }
        Long cluster = cluster(source.current());
        TokenCodec.Reading reading = codec(cluster).read(text);
        SessionToken token = reading.token();
        if (token == null) {
            refused(reading.refusal());
            return unknownPast();
        }
        tally.believed();
        // While the cluster is not known, the token may be of another one: what it tells must not go into a token of
        // this
        // one.
        // While replicas may be further behind, a doubt lasts longer; by how much is looked at again when the session
        // reads.
        Duration extra = Duration.ofNanos(extraLag.getAsLong());
        Duration doubt = cluster == null ? grace.plus(extra) : token.doubt(grace.plus(extra), clock.instant());
        ConsistencySession session = doubt.isZero() ? ConsistencySession.create() : doubtful(doubt.minus(extra));
        // What is more than a token holds is known no better after the grace: it would keep the session on the primary
        // for ever.
        if (cluster != null && !token.bound().isLost()) {
            session.include(token);
        }
        session.takeLot(token.lot());
        return session;
    }

    private void refused(@Nullable TokenRefusal refusal) {
        if (refusal != null) {
            tally.refused(refusal);
        }
        // Without the token itself, which is somebody else's text.
        logger.debug("a session token was refused: {}; its session reads on the primary for {}", refusal, grace);
    }

    /**
     * Returns a session of which it is not known what it has seen: it reads on the primary for the grace. For whoever keeps tokens and
     * cannot reach them.
     */
    public ConsistencySession unknownPast() {
        return doubtful(grace);
    }

    private ConsistencySession doubtful(Duration doubt) {
        tally.doubted();
        ConsistencySession session = ConsistencySession.create();
        session.distrustReplicasUntil(now() + doubt.toNanos());
        return session;
    }

    /**
     * Returns the token of a session that has seen what both tokens tell, for whoever keeps one and is given another. If one of them
     * cannot be believed, the result says that it does not tell all. Never fails.
     *
     * @param kept the token that is replaced, or {@code null} if there was none
     */
    public String merge(@Nullable String kept, String fresh) {
        if (kept == null || kept.isEmpty() || kept.equals(fresh)) {
            return fresh;
        }
        Long cluster = cluster(source.current());
        TokenCodec codec = codec(cluster);
        SessionToken one = codec.read(kept).token();
        SessionToken other = codec.read(fresh).token();
        if (one != null && other != null && one.cluster() == other.cluster()) {
            return codec.write(one.merge(other));
        }
        SessionToken readable = other == null ? one : other;
        long number = readable != null ? readable.cluster() : cluster == null ? 0 : cluster;
        SessionToken unresolved = new SessionToken(number, PositionBound.NONE, true, clock.instant());
        return codec.write(readable == null ? unresolved : readable.merge(unresolved));
    }

    /**
     * Returns what replaces a kept token after an exchange whose session was accepted from it: what both tell, except that a bound
     * that holds too much ends there. The session began the grace of that, and its own token hands on what is left. Never fails.
     *
     * @param kept the token that the session was accepted from, or an empty text for none
     */
    public String succeed(String kept, String fresh) {
        SessionToken token = codec(cluster(source.current())).read(kept).token();
        return token != null && token.bound().isLost() ? fresh : merge(kept, fresh);
    }

    /**
     * Returns a token of the same that says that it does not tell all, for whoever keeps tokens and may have lost one.
     *
     * @param text a token, or an empty text for none
     */
    public String unresolved(String text) {
        // Which no token is.
        return merge("?", text);
    }

    /** Returns after which a token is refused. */
    public Duration lifetime() {
        return settings.lifetime();
    }

    /** Returns how long a session reads on the primary of which it is not known what it wrote. */
    public Duration grace() {
        return grace;
    }

    /** Returns what times waiting, for whoever carries tokens. */
    public Scheduler timers() {
        return timers;
    }

    /** Returns how many tokens were written, believed and refused so far. */
    public TokenCounts counts() {
        return tally.counts();
    }

    private TokenCodec codec(@Nullable Long cluster) {
        return new TokenCodec(settings.keys(), cluster, settings.lifetime(), clock);
    }

    /**
     * Returns what tells this cluster from others: the name that it was given, or PostgreSQL's system identifier, or 0 where there is
     * neither; {@code null} while no node has answered.
     */
    private @Nullable Long cluster(Topology topology) {
        if (settings.cluster() != null) {
            return number(settings.cluster());
        }
        for (NodeState node : topology.nodes()) {
            ServerIdentity server = node.server();
            if (server != null && !node.isUnfit()) {
                return server.clusterId() == null ? 0 : number(server.clusterId());
            }
        }
        return null;
    }

    private static long number(String id) {
        long hash = 1125899906842597L;
        for (int i = 0; i < id.length(); i++) {
            hash = 31 * hash + id.charAt(i);
        }
        return hash;
    }

    private long now() {
        return timers.now(TimeUnit.NANOSECONDS);
    }
}
