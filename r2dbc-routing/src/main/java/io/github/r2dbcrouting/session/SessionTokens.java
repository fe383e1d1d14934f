package io.github.r2dbcrouting.session;

import io.github.r2dbcrouting.consistency.Consistency.Level;
import io.github.r2dbcrouting.consistency.ConsistencySession;
import io.github.r2dbcrouting.consistency.SessionToken;
import io.github.r2dbcrouting.consistency.TokenCodec;
import io.github.r2dbcrouting.consistency.TokenRefusal;
import io.github.r2dbcrouting.monitor.TopologySource;
import io.github.r2dbcrouting.settings.TokenSettings;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.ServerIdentity;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Clock;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
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
    private final TopologySource source;
    private final Scheduler timers;
    private final Clock clock;
    private final Map<TokenRefusal, LongAdder> refused = new EnumMap<>(TokenRefusal.class);

    /**
     * Creates the tokens of a factory.
     *
     * @param source tells the cluster and the position of its primary
     * @param timers times waiting, and is the clock that samples are timed with
     * @param clock tells the time of day, which tokens carry
     */
    public SessionTokens(TokenSettings settings, TopologySource source, Scheduler timers, Clock clock) {
        this.settings = settings;
        this.source = source;
        this.timers = timers;
        this.clock = clock;
        for (TokenRefusal refusal : TokenRefusal.values()) {
            refused.put(refusal, new LongAdder());
        }
    }

    /**
     * Returns a cold {@link Mono} of the token of what a session has seen and written by now. It waits for the position of its last
     * write, by one question to the primary that it shares with all who wait; if that takes too long, or a write is still under way,
     * the token says that it does not tell all. Never fails; cancelling gives up the wait.
     */
    public Mono<String> export(ConsistencySession session) {
        return Mono.defer(() -> {
            Topology present = source.current();
            if (isResolved(session, present)) {
                return Mono.just(write(session, present));
            }
            return source.topology()
                    .onBackpressureLatest()
                    .publishOn(timers, 1)
                    .filter(topology -> isResolved(session, topology) || isAskedFor(topology))
                    .next()
                    .timeout(settings.exportTimeout(), Mono.empty(), timers)
                    .then(Mono.fromSupplier(() -> write(session, source.current())));
        });
    }

    private boolean isResolved(ConsistencySession session, Topology topology) {
        session.requirement(Level.SESSION, topology, now());
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

    private String write(ConsistencySession session, Topology topology) {
        SessionToken token =
                new SessionToken(cluster(topology), session.bound(), session.isUnresolved(), clock.instant());
        return codec(topology).write(token);
    }

    /**
     * Returns a session that has seen what a token tells, or one that reads on the primary for the grace if the token is not believed
     * or does not tell all.
     *
     * @param text a token, or {@code null} for none, which gives a session that has seen nothing
     */
    public ConsistencySession accept(@Nullable String text) {
        ConsistencySession session = ConsistencySession.create();
        if (text != null && !text.isEmpty()) {
            include(session, text);
        }
        return session;
    }

    private void include(ConsistencySession session, String text) {
        Topology topology = source.current();
        TokenCodec.Reading reading = codec(topology).read(text);
        SessionToken token = reading.token();
        TokenRefusal refusal = reading.refusal();
        if (token != null) {
            session.include(token);
        }
        if (refusal != null) {
            counter(refusal).increment();
            // Without the token itself, which is somebody else's text.
            logger.debug("a session token was refused: {}; its session reads on the primary", refusal);
        }
        if (token == null || token.unresolved()) {
            session.distrustReplicasUntil(now() + settings.grace().toNanos());
        }
    }

    /** Returns how many tokens were refused so far, for each reason. */
    public Map<TokenRefusal, Long> refusals() {
        Map<TokenRefusal, Long> counts = new EnumMap<>(TokenRefusal.class);
        refused.forEach((refusal, count) -> counts.put(refusal, count.sum()));
        return counts;
    }

    private LongAdder counter(TokenRefusal refusal) {
        return Objects.requireNonNull(refused.get(refusal));
    }

    private TokenCodec codec(Topology topology) {
        return new TokenCodec(settings.keys(), cluster(topology), settings.lifetime(), clock);
    }

    /** Returns what tells this cluster from others: PostgreSQL's system identifier, 0 where there is no such thing. */
    private static long cluster(Topology topology) {
        for (NodeState node : topology.nodes()) {
            ServerIdentity server = node.server();
            String id = server == null || node.isUnfit() ? null : server.clusterId();
            if (id != null) {
                return number(id);
            }
        }
        return 0;
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
