package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import io.github.r2dbcrouting.topology.Topology;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Result;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** For how long a factory that nobody closes keeps its sessions and its thread. */
class FactoryLifetimeTests {

    @RegisterExtension
    static final LocalClusterExtension CLUSTER =
            LocalClusterExtension.of(LocalCluster.postgresql().replicas(1));

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Duration SOON = Duration.ofMillis(200);

    @AfterEach
    void shouldLeaveNothingBehind() {
        await().atMost(LIMIT).until(() -> {
            System.gc();
            return sessions() == 0 && threads() == 0;
        });
    }

    @Test
    void shouldEndWhenItIsCollected() {
        for (int i = 0; i < 3; i++) {
            Connection connection = open(tireless().build());
            run(connection, "SELECT 1");
            run(connection, "CREATE TABLE IF NOT EXISTS lifetime (id int)");
            assertThat(sessions()).isGreaterThanOrEqualTo(2);
            Mono.from(connection.close()).block(LIMIT);
        }
    }

    @Test
    void shouldNotEndWhileAConnectionIsOpen() {
        Connection connection = open(tireless().build());
        await().during(SOON.multipliedBy(5)).atMost(LIMIT).until(() -> {
            System.gc();
            run(connection, "SELECT 1");
            return threads() == 1;
        });
        Mono.from(connection.close()).block(LIMIT);
    }

    @Test
    void shouldNotEndWhileSomebodyListensToTheTopology() {
        AtomicInteger seen = new AtomicInteger();
        Disposable listening = listenOnly(seen);
        int after = seen.get() + 10;
        await().atMost(LIMIT).until(() -> {
            System.gc();
            return seen.get() >= after;
        });
        listening.dispose();
    }

    @Test
    void shouldServeWhoeverComesWhileItOpensItsInitialConnections() {
        RoutingConnectionFactory factory = tireless()
                .option(RoutingOptions.MAX_SIZE, 5)
                .option(RoutingOptions.INITIAL_SIZE, 5)
                .option(RoutingOptions.ACQUIRE_TIMEOUT, LIMIT)
                .build();
        Long served = Flux.range(0, 50)
                .flatMap(
                        number -> Flux.usingWhen(
                                        factory.create(),
                                        connection -> connection
                                                .createStatement("SELECT 1")
                                                .execute(),
                                        Connection::close)
                                .flatMap(Result::getRowsUpdated),
                        50)
                .count()
                .block(LIMIT.dividedBy(2));
        assertThat(served).isEqualTo(50);
        await().atMost(LIMIT)
                .until(() -> sessions() == 5 + CLUSTER.cluster().nodes().size());
        factory.close().block(LIMIT);
    }

    /** As {@code awaitFirst} does, which many take a connection with in Kotlin. */
    @Test
    void shouldNotRestWhileAConnectionIsOpenWhoseTakerCancelledOnceHeHadIt() {
        RoutingConnectionFactory factory =
                tireless().option(RoutingOptions.IDLE_TIMEOUT, SOON).build();
        Connection connection = Flux.from(factory.create()).take(1).blockLast(LIMIT);
        assertThat(factory.topology().take(SOON.multipliedBy(5)).collectList().block(LIMIT))
                .extracting(Topology::isUsable)
                .containsOnly(true);
        run(connection, "SELECT 1");
        Mono.from(connection.close()).block(LIMIT);
        await().atMost(LIMIT).until(() -> sessions() == 0);
        assertThat(factory.isDisposed()).isFalse();
    }

    private static Disposable listenOnly(AtomicInteger seen) {
        RoutingConnectionFactory factory = tireless().build();
        Mono.from(open(factory).close()).block(LIMIT);
        return factory.topology().subscribe(topology -> seen.incrementAndGet());
    }

    /** Prepares a factory that does not rest within the time of a test. */
    private static RoutingConnectionFactoryBuilder tireless() {
        return new RoutedStatements()
                .over(CLUSTER.cluster())
                .probeInterval(Duration.ofMillis(50))
                .option(RoutingOptions.PROBE_TIMEOUT, Duration.ofSeconds(5));
    }

    private static Connection open(RoutingConnectionFactory factory) {
        return factory.create().block(LIMIT);
    }

    private static void run(Connection connection, String sql) {
        Flux.from(connection.createStatement(sql).execute())
                .concatMap(Result::getRowsUpdated)
                .blockLast(LIMIT);
    }

    private static int sessions() {
        return CLUSTER.cluster().nodes().stream()
                .mapToInt(node -> node.query("SELECT 1 FROM pg_stat_activity WHERE usename IN ('app', 'monitor')")
                        .size())
                .sum();
    }

    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("r2dbc-routing-monitor"))
                .count();
    }
}
