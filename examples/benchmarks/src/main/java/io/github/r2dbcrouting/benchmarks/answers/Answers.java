package io.github.r2dbcrouting.benchmarks.answers;

import io.github.r2dbcrouting.RoutingConnectionFactory;
import io.github.r2dbcrouting.RoutingOptions;
import io.github.r2dbcrouting.benchmarks.load.Database;
import io.github.r2dbcrouting.benchmarks.load.DirectPools;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.settings.ConsistencySettings.SessionScope;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import reactor.core.publisher.Flux;

/** What several answers need, all over the same cluster, each with connections of its own. */
public final class Answers implements AutoCloseable {

    /** As a user has it who sets none. */
    public static final Duration PROBE_INTERVAL = Duration.ofMillis(500);

    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Duration CLOSE_TIME = Duration.ofSeconds(10);

    private final LocalCluster cluster;
    private final Database database;
    private final VersionedRows rows;
    private final Map<Answer, Supplier<SessionRows>> sessions = new EnumMap<>(Answer.class);
    private Flux<Void> closings = Flux.empty();

    /**
     * Prepares answers.
     *
     * @param cluster one that {@link VersionedRows#prepare} has prepared
     */
    public Answers(LocalCluster cluster, Database database, Collection<Answer> answers) {
        this.cluster = cluster;
        this.database = database;
        this.rows = new VersionedRows(database);
        answers.forEach(answer -> sessions.put(answer, prepare(answer)));
    }

    private Supplier<SessionRows> prepare(Answer answer) {
        return switch (answer) {
            case NONE, NONE_AGAIN -> {
                RoutingConnectionFactory factory = factory(SessionScope.NONE);
                yield () -> RoutedSession.plain(factory, rows);
            }
            case FACTORY -> {
                RoutingConnectionFactory factory = factory(SessionScope.FACTORY);
                yield () -> RoutedSession.plain(factory, rows);
            }
            case CONTEXT -> {
                RoutingConnectionFactory factory = factory(SessionScope.FACTORY);
                yield () -> RoutedSession.ofChain(factory, rows);
            }
            case STICKY -> {
                DirectPools pools = pools();
                yield () -> new StickySession(pools, rows);
            }
            case ASKING -> {
                DirectPools pools = pools();
                yield () -> new AskingSession(pools, rows, database);
            }
            case PRIMARY, PRIMARY_AGAIN -> {
                DirectPools pools = pools();
                yield () -> new PrimarySession(pools, rows);
            }
        };
    }

    private RoutingConnectionFactory factory(SessionScope scope) {
        RoutingConnectionFactory factory = database.routing(cluster)
                .maxSize(DirectPools.POOL_SIZE)
                .option(RoutingOptions.DEFAULT_SESSION, scope)
                .option(RoutingOptions.PROBE_INTERVAL, PROBE_INTERVAL)
                // Whether a replica is too late is for the sessions to say.
                .maxLag(LONG)
                .build();
        closings = closings.mergeWith(factory.close());
        return factory;
    }

    private DirectPools pools() {
        DirectPools pools = new DirectPools(cluster, database);
        closings = closings.mergeWith(pools.close());
        return pools;
    }

    public VersionedRows rows() {
        return rows;
    }

    /** Returns a session that has seen nothing yet. */
    public SessionRows begin(Answer answer) {
        return Objects.requireNonNull(sessions.get(answer)).get();
    }

    @Override
    public void close() {
        closings.then().block(CLOSE_TIME);
    }
}
