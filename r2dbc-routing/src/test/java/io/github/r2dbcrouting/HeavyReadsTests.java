package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import io.github.r2dbcrouting.settings.ConsistencySettings.SessionScope;
import io.r2dbc.spi.Connection;
import java.time.Duration;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Flux;
import reactor.util.context.Context;

/** Reads of a real cluster that are told apart by what they cost. */
class HeavyReadsTests {

    @RegisterExtension
    static final LocalClusterExtension CLUSTER =
            LocalClusterExtension.of(LocalCluster.postgresql().replicas(2));

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String HEAVY = "SELECT id, pg_sleep(1) FROM (VALUES (1)) AS slow (id)";
    private static final String LIGHT = "SELECT 1";

    private final RoutedStatements routed = new RoutedStatements();
    private final String analytics = CLUSTER.cluster().replicas().get(1).name();
    private final String other = CLUSTER.cluster().replicas().get(0).name();
    private RoutingConnectionFactory factory;

    @BeforeEach
    void open() {
        factory = routed.over(CLUSTER.cluster())
                .option(RoutingOptions.QUERY_COST, true)
                .option(RoutingOptions.HEAVY_AFTER, Duration.ofMillis(500))
                .option(RoutingOptions.DEFAULT_SESSION, SessionScope.NONE)
                .tags(analytics, "analytics")
                .build();
        routed.awaitReplica(factory);
    }

    @AfterEach
    void close() {
        factory.close().block(LIMIT);
    }

    @Test
    void shouldSendWhatHasTakenLongToTheNodeForAnalyticsAndTheRestToAny() {
        read(HEAVY, Routing.using(other));
        routed.clear();

        for (int i = 0; i < 3; i++) {
            read(HEAVY, unhinted());
        }
        assertThat(routed.nodes()).containsOnly(analytics);

        routed.clear();
        await().atMost(LIMIT).until(() -> {
            read(LIGHT, unhinted());
            return Set.copyOf(routed.nodes()).equals(Set.of(analytics, other));
        });
    }

    @Test
    void shouldObeyAHintForAHeavyRead() {
        read(HEAVY, Routing.using(analytics));
        routed.clear();

        read(HEAVY, Routing.using(other));
        read(HEAVY, Routing.primary());
        assertThat(routed.nodes())
                .containsExactly(other, CLUSTER.cluster().primary().name());
    }

    private static Function<Context, Context> unhinted() {
        return context -> context;
    }

    private void read(String sql, Function<Context, Context> hints) {
        Flux.usingWhen(
                        factory.create(),
                        connection -> Flux.from(connection.createStatement(sql).execute())
                                .concatMap(result -> result.map((row, metadata) -> String.valueOf(row.get(0)))),
                        Connection::close)
                .contextWrite(hints)
                .blockLast(LIMIT);
    }
}
