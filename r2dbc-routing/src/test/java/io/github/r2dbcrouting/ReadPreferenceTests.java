package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.balancing.LoadBalancer;
import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import io.github.r2dbcrouting.selection.ReadPreference;
import io.github.r2dbcrouting.settings.ConsistencySettings.SessionScope;
import io.github.r2dbcrouting.switches.Terms;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Result;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Flux;

/** Where the reads of a real cluster go by the factory's read preference. */
class ReadPreferenceTests {

    @RegisterExtension
    static final LocalClusterExtension CLUSTER =
            LocalClusterExtension.of(LocalCluster.postgresql().replicas(2));

    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final RoutedStatements routed = new RoutedStatements();

    @AfterEach
    void mend() {
        CLUSTER.cluster().replicas().forEach(ClusterNode::resumeReplay);
        CLUSTER.cluster().nodes().forEach(node -> node.proxy().latency(Duration.ZERO));
    }

    @ParameterizedTest
    @CsvSource({
        "REPLICA_PREFERRED, false, true",
        "REPLICA,           false, true",
        "PRIMARY_PREFERRED, true,  false",
        "PRIMARY,           true,  false",
        "NEAREST,           true,  true",
    })
    void shouldReadWhereThePreferenceSays(ReadPreference preference, boolean onPrimary, boolean onReplicas) {
        RoutingConnectionFactory factory = routing(preference);
        Set<String> expected = new TreeSet<>();
        if (onPrimary) {
            expected.add(CLUSTER.cluster().primary().name());
        }
        if (onReplicas) {
            CLUSTER.cluster().replicas().forEach(replica -> expected.add(replica.name()));
        }
        // Nodes are found one after another, and one that is far by chance in its first probes comes nearer.
        await().atMost(LIMIT).until(() -> readers(factory, 20).equals(expected));
        factory.close().block(LIMIT);
    }

    @Test
    void shouldReadItsOwnWritesNearby() {
        RoutingConnectionFactory factory = routing(ReadPreference.NEAREST);
        rows(factory, "CREATE TABLE IF NOT EXISTS nearby (id int)");
        await().atMost(LIMIT).until(() -> readers(factory, 20).size() == 3);
        CLUSTER.cluster().replicas().forEach(ClusterNode::pauseReplay);
        for (int written = 1; written <= 10; written++) {
            rows(factory, "INSERT INTO nearby VALUES (" + written + ")");
            assertThat(rows(factory, "SELECT count(*) FROM nearby")).containsExactly((long) written);
        }
        factory.close().block(LIMIT);
    }

    @Test
    void shouldReadWithinTheLatencyWindowAndFartherOnlyWhenNobodyElseIsLeft() {
        ClusterNode near = CLUSTER.cluster().replicas().get(0);
        ClusterNode far = CLUSTER.cluster().replicas().get(1);
        RoutingConnectionFactory factory = builder(ReadPreference.REPLICA)
                .option(RoutingOptions.LATENCY_WINDOW, Duration.ofMillis(100))
                .option(RoutingOptions.DEFAULT_SESSION, SessionScope.NONE)
                .build();
        await().atMost(LIMIT).until(() -> readers(factory, 20).equals(Set.of(near.name(), far.name())));
        far.proxy().latency(Duration.ofMillis(200));
        await().atMost(LIMIT).until(() -> readers(factory, 20).equals(Set.of(near.name())));

        factory.switches().exclude(near.name(), Terms.because("only the far one is left"));
        assertThat(readers(factory, 3)).containsExactly(far.name());
        factory.switches().include(near.name(), Terms.because("seen"));
        far.proxy().latency(Duration.ZERO);
        await().atMost(LIMIT).until(() -> readers(factory, 20).equals(Set.of(near.name(), far.name())));
        factory.close().block(LIMIT);
    }

    private RoutingConnectionFactory routing(ReadPreference preference) {
        return builder(preference).build();
    }

    private RoutingConnectionFactoryBuilder builder(ReadPreference preference) {
        return routed.overProxies(CLUSTER.cluster(), "postgresql")
                .probeInterval(Duration.ofMillis(50))
                .catchUpTimeout(Duration.ofMillis(50))
                // Each as often as any other, however fast it is.
                .loadBalancer(LoadBalancer.random())
                .readPreference(preference);
    }

    /** The nodes that have served some reads. */
    private Set<String> readers(RoutingConnectionFactory factory, int reads) {
        routed.clear();
        for (int i = 0; i < reads; i++) {
            rows(factory, "SELECT 1");
        }
        return new TreeSet<>(routed.nodes());
    }

    private static List<Object> rows(RoutingConnectionFactory factory, String sql) {
        return Flux.usingWhen(
                        factory.create(),
                        connection -> Flux.from(connection.createStatement(sql).execute())
                                .concatMap(ReadPreferenceTests::values),
                        Connection::close)
                .collectList()
                .block(LIMIT);
    }

    private static Flux<Object> values(Result result) {
        return Flux.from(result.map((row, metadata) -> row.get(0)));
    }
}
