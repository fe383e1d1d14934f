package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import io.github.r2dbcrouting.error.ExchangeTimeoutException;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeId;
import io.r2dbc.spi.Connection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.function.ToLongBiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A frozen server accepts connections and answers none of them, until it is thawed and answers all. */
class FrozenNodeTests {

    @RegisterExtension
    static final LocalClusterExtension POSTGRESQL =
            LocalClusterExtension.of(LocalCluster.postgresql().replicas(1).setting("log_connections", "authorization"));

    @RegisterExtension
    static final LocalClusterExtension MARIADB =
            LocalClusterExtension.of(LocalCluster.mariadb().replicas(1).setting("userstat", "1"));

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final RoutedStatements routed = new RoutedStatements();

    /**
     * @param logins how often a user has logged in to a node
     * @param sessions what tells the sessions of the application and the monitor
     */
    private record Database(
            String driver,
            LocalClusterExtension extension,
            ToLongBiFunction<ClusterNode, String> logins,
            String sessions) {

        @Override
        public String toString() {
            return driver;
        }
    }

    static Stream<Database> databases() {
        return Stream.of(
                new Database(
                        "postgresql",
                        POSTGRESQL,
                        FrozenNodeTests::authorizations,
                        "SELECT pid FROM pg_stat_activity WHERE usename IN ('app', 'monitor')"),
                new Database(
                        "mariadb",
                        MARIADB,
                        FrozenNodeTests::connections,
                        "SELECT id FROM information_schema.processlist WHERE user IN ('app', 'monitor',"
                                + " 'unauthenticated user')"));
    }

    @ParameterizedTest
    @MethodSource("databases")
    void shouldLeaveNoSessionOfConnectionsThatCameTooLate(Database database) {
        LocalCluster cluster = database.extension().cluster();
        ClusterNode replica = cluster.replicas().get(0);
        RoutingConnectionFactory factory = routed.over(cluster, database.driver())
                .option(RoutingOptions.EXCHANGE_TIMEOUT, Duration.ofSeconds(2))
                .build();
        read(factory).contextWrite(Routing.primary()).block(LIMIT);
        await().atMost(LIMIT).until(() -> isHealthy(factory, replica));
        long before = database.logins().applyAsLong(replica, "app");
        replica.freeze();
        try {
            Mono<Throwable> failing = read(factory)
                    .contextWrite(Routing.using(replica.name()))
                    .then(Mono.<Throwable>empty())
                    .onErrorResume(Mono::just);
            Mono<Throwable> soonCancelled =
                    failing.timeout(Duration.ofMillis(50)).onErrorComplete();
            assertThat(Flux.merge(failing, failing, soonCancelled).collectList().block(LIMIT))
                    .hasSize(2)
                    .allSatisfy(error -> assertThat(error)
                            .isInstanceOf(ExchangeTimeoutException.class)
                            .hasMessageContaining("no answer to connecting within 2000 ms"));
            factory.close().block(LIMIT);
        } finally {
            replica.thaw();
        }
        await().atMost(LIMIT).until(() -> database.logins().applyAsLong(replica, "app") >= before + 2);
        await().atMost(LIMIT).until(() -> replica.query(database.sessions()).isEmpty());
    }

    /** All of them would be answered at the same moment. */
    @ParameterizedTest
    @MethodSource("databases")
    void shouldNotSendAFrozenNodeAConnectionWithEveryProbe(Database database) {
        LocalCluster cluster = database.extension().cluster();
        ClusterNode replica = cluster.replicas().get(0);
        RoutingConnectionFactory factory = routed.over(cluster, database.driver())
                .option(RoutingOptions.EXCHANGE_TIMEOUT, LIMIT)
                .option(RoutingOptions.PROBE_TIMEOUT, Duration.ofMillis(100))
                .probeInterval(Duration.ofMillis(50))
                .build();
        read(factory).contextWrite(Routing.primary()).block(LIMIT);
        await().atMost(LIMIT).until(() -> isHealthy(factory, replica));
        long before = database.logins().applyAsLong(replica, "monitor");
        replica.freeze();
        try {
            // Each of these took at least as long as an interval, and a failing probe takes three of them.
            factory.topology()
                    .map(topology ->
                            topology.node(new NodeId("node1")).replication().sampledAt())
                    .distinct()
                    .take(40)
                    .blockLast(LIMIT);
            factory.close().block(LIMIT);
        } finally {
            replica.thaw();
        }
        await().atMost(LIMIT).until(() -> database.logins().applyAsLong(replica, "monitor") > before);
        await().atMost(LIMIT).until(() -> replica.query(database.sessions()).isEmpty());
        assertThat(database.logins().applyAsLong(replica, "monitor")).isEqualTo(before + 1);
    }

    private static boolean isHealthy(RoutingConnectionFactory factory, ClusterNode node) {
        return factory.currentTopology().node(new NodeId(node.name())).health() == NodeHealth.HEALTHY;
    }

    private static Mono<Object> read(RoutingConnectionFactory factory) {
        return Mono.usingWhen(
                factory.create(),
                connection -> Flux.from(connection.createStatement("SELECT 1").execute())
                        .concatMap(result -> result.map((row, metadata) -> row.get(0)))
                        .single(),
                Connection::close);
    }

    private static long authorizations(ClusterNode node, String user) {
        try (Stream<String> log = Files.lines(
                POSTGRESQL.cluster().directory().resolve(node.name()).resolve("server.log"))) {
            return log.filter(line -> line.contains("connection authorized: user=" + user))
                    .count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long connections(ClusterNode node, String user) {
        List<List<String>> answer = node.query(
                "SELECT COALESCE(SUM(total_connections), 0) FROM information_schema.user_statistics WHERE user = '"
                        + user + "'");
        return Long.parseLong(answer.get(0).get(0));
    }
}
