package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import io.github.r2dbcrouting.connection.RoutingConnection;
import io.r2dbc.spi.Connection;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What becomes of reads on MariaDB that nobody wants any more. */
class MariadbFaultTests {

    @RegisterExtension
    static final LocalClusterExtension CLUSTER =
            LocalClusterExtension.of(LocalCluster.mariadb().replicas(2));

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String SLOW = "SELECT SLEEP(30)";

    private final RoutedStatements routed = new RoutedStatements();
    private RoutingConnectionFactory factory;

    @BeforeAll
    static void createTable() {
        CLUSTER.cluster()
                .execute("CREATE TABLE item (id INT PRIMARY KEY, name VARCHAR(100));"
                        + " INSERT INTO item SELECT seq, CONCAT('name ', seq) FROM seq_1_to_10000");
        CLUSTER.cluster().awaitReplication();
    }

    @AfterEach
    void close() {
        factory.close().block(LIMIT);
    }

    @Test
    void shouldKeepTheConnectionOfAReadThatWasCancelledAfterItsFirstRow() {
        openWithOneConnection();
        Long first = use(MariadbFaultTests::backend);
        for (int i = 0; i < 100; i++) {
            String name = use(connection -> findById(connection, 17));
            assertThat(name).isEqualTo("name 17");
        }
        Long last = use(MariadbFaultTests::backend);
        assertThat(last).isEqualTo(first);
    }

    @Test
    void shouldCancelAReadAtTheServerThatGoesOnThoughNobodyWantsIt() {
        openWithOneConnection();
        Long first = use(MariadbFaultTests::backend);
        Disposable running = use(SLOW).subscribe();
        await().atMost(LIMIT).until(() -> !running(SLOW).isEmpty());
        running.dispose();
        await().atMost(Duration.ofSeconds(5)).until(() -> running(SLOW).isEmpty());
        Long last = use(MariadbFaultTests::backend);
        assertThat(last).isEqualTo(first);
    }

    @Test
    void shouldNeverHitTheNextStatementWithALateCancel() {
        openWithOneConnection();
        for (int i = 0; i < 30; i++) {
            use("SELECT COUNT(*) FROM item a, item b WHERE a.id + b.id > 0")
                    .take(Duration.ofMillis(15))
                    .blockLast(LIMIT);
            Long rows = use(connection -> rows(connection, "SELECT id FROM item WHERE id < 10 AND SLEEP(0.01) = 0")
                    .count());
            assertThat(rows).isEqualTo(9);
        }
    }

    @Test
    void shouldCountAKillThatComesTooLateForNothing() {
        openWithOneConnection();
        Long backend = use(MariadbFaultTests::backend);
        for (int i = 0; i < 20; i++) {
            replica().execute("KILL QUERY " + backend);
            Long next = use(MariadbFaultTests::backend);
            assertThat(next).isEqualTo(backend);
        }
    }

    /** One connection a node, so that whoever comes next gets the one that was just used, or waits for it. */
    private void openWithOneConnection() {
        factory = routed.over(CLUSTER.cluster(), "mariadb").maxSize(1).build();
    }

    private static List<List<String>> running(String sql) {
        return replica().query("SELECT id FROM information_schema.processlist WHERE info = '" + sql + "'");
    }

    private static ClusterNode replica() {
        return CLUSTER.cluster().replicas().get(0);
    }

    private static Mono<Long> backend(Connection connection) {
        return rows(connection, "SELECT CONNECTION_ID()").single().cast(Long.class);
    }

    private static Mono<String> findById(Connection connection, int id) {
        return Flux.from(connection
                        .createStatement("SELECT name FROM item WHERE id = ?")
                        .bind(0, id)
                        .execute())
                .flatMap(result -> result.map((row, metadata) -> row.get(0, String.class)))
                .next();
    }

    private static Flux<Object> rows(Connection connection, String sql) {
        return Flux.from(connection.createStatement(sql).execute())
                .concatMap(result -> result.map((row, metadata) -> row.get(0)));
    }

    private Flux<Object> use(String sql) {
        return Flux.usingWhen(factory.create(), connection -> rows(connection, sql), Connection::close)
                .contextWrite(Routing.using(replica().name()));
    }

    private <T> T use(Function<RoutingConnection, Mono<T>> work) {
        return Mono.usingWhen(factory.create(), work, Connection::close)
                .contextWrite(Routing.using(replica().name()))
                .block(LIMIT);
    }
}
