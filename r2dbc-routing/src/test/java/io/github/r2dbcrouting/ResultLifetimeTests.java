package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import io.github.r2dbcrouting.connection.RoutingConnection;
import io.github.r2dbcrouting.topology.NodeRole;
import io.netty.util.ResourceLeakDetector;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Result;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** When a result is over, what becomes of one that was cancelled, and of the connection that it ran on. */
class ResultLifetimeTests {

    @RegisterExtension
    static final LocalClusterExtension CLUSTER =
            LocalClusterExtension.of(LocalCluster.postgresql().replicas(1));

    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final RoutedStatements routed = new RoutedStatements();
    private RoutingConnectionFactory factory;

    @BeforeAll
    static void createTable() {
        CLUSTER.cluster()
                .execute(
                        "CREATE TABLE item (id int PRIMARY KEY, name text);"
                                + " INSERT INTO item SELECT n, 'name ' || n FROM generate_series(1, 10000) n; GRANT ALL ON item TO PUBLIC");
        CLUSTER.cluster().awaitReplication();
    }

    /** One connection a node, so that whoever comes next gets the one that was just used, or waits for it. */
    @BeforeEach
    void open() {
        factory = routed.over(CLUSTER.cluster()).maxSize(1).build();
    }

    @AfterEach
    void close() {
        factory.close().block(LIMIT);
    }

    @Test
    void shouldDeliverRowsAfterTheSequenceOfResultsWasCancelled() {
        Long count = use(connection -> Mono.from(connection
                        .createStatement("SELECT id FROM item WHERE id <= 10000")
                        .execute())
                .flatMapMany(result -> result.map((row, metadata) -> row.get(0, Integer.class)))
                .count());
        assertThat(count).isEqualTo(10_000);
    }

    @Test
    void shouldKeepTheConnectionOfAReadThatWasCancelledAfterItsFirstRow() {
        Integer first = use(ResultLifetimeTests::backend);
        for (int i = 0; i < 100; i++) {
            String name = use(connection -> findById(connection, 17));
            assertThat(name).isEqualTo("name 17");
        }
        assertThat(use(ResultLifetimeTests::backend)).isEqualTo(first);
        assertThat(routed.roles()).containsOnly(NodeRole.REPLICA);
    }

    @Test
    void shouldCancelAReadAtTheServerThatGoesOnThoughNobodyWantsIt() {
        Integer first = use(ResultLifetimeTests::backend);
        cancelWhileRunning("SELECT pg_sleep(30)", replica());
        awaitQuiet(replica(), "pg_sleep");
        assertThat(use(ResultLifetimeTests::backend)).isEqualTo(first);
    }

    @Test
    void shouldCancelAReadAtTheServerWhenItsTransactionIsRolledBack() {
        List<Integer> backends = use(connection -> connection
                .beginTransaction()
                .then(backend(connection))
                .flatMap(inside -> givenUp(connection)
                        .then(connection.rollbackTransaction())
                        .then(backend(connection))
                        .map(after -> List.of(inside, after))));
        assertThat(backends.get(1)).isEqualTo(backends.get(0));
        assertThat(factory.abandonedExchanges().cancelled()).isEqualTo(1);
    }

    @Test
    void shouldCancelAReadAtTheServerWhenAnotherOfItsSessionFollows() {
        List<Integer> backends = use(connection -> pinned(connection)
                .then(backend(connection))
                .flatMap(first -> givenUp(connection).then(backend(connection)).map(after -> List.of(first, after))));
        assertThat(backends.get(1)).isEqualTo(backends.get(0));
        assertThat(factory.abandonedExchanges().cancelled()).isEqualTo(1);
    }

    @Test
    void shouldNotFailATransactionThatGoesOnAfterACancelledRead() {
        Integer written = use(connection -> connection
                .beginTransaction()
                .then(Flux.from(connection
                                .createStatement("INSERT INTO item VALUES (30000, 'goes on')")
                                .execute())
                        .flatMap(Result::getRowsUpdated)
                        .then())
                .then(givenUp(connection, "SELECT pg_sleep(0.3)"))
                .then(connection.commitTransaction())
                .thenReturn(1));
        assertThat(written).isEqualTo(1);
        assertThat(primary().query("SELECT name FROM item WHERE id = 30000")).containsExactly(List.of("goes on"));
        assertThat(factory.abandonedExchanges().drained()).isEqualTo(1);
    }

    @Test
    void shouldKeepThePinnedConnectionOfAReadThatIsCancelledWithItsSession() {
        Integer first = use(connection -> pinned(connection).then(backend(connection)));
        use(connection -> pinned(connection).then(givenUp(connection)).thenReturn(1));
        awaitQuiet(primary(), "pg_sleep");
        Integer next = use(connection -> pinned(connection).then(backend(connection)));
        assertThat(next).isEqualTo(first);
    }

    /** The wait of the third statement must not outlive the statement: close() would wait with it for the lock. */
    @Test
    void shouldCloseWhileACancelledWriteWaitsForALockThoughAnotherStatementWaitedBehindIt() {
        RoutingConnectionFactory other =
                new RoutedStatements().over(CLUSTER.cluster()).build();
        RoutingConnection holder = other.create().block(LIMIT);
        holder.beginTransaction().block(LIMIT);
        String locking = "UPDATE item SET name = name WHERE id = 1";
        Flux.from(holder.createStatement(locking).execute())
                .flatMap(Result::getRowsUpdated)
                .blockLast(LIMIT);
        RoutingConnection connection = factory.create().block(LIMIT);
        pinned(connection).block(LIMIT);
        givenUp(connection, locking).block(LIMIT);
        givenUp(connection, "DELETE FROM item WHERE id < 0").block(LIMIT);
        connection.close().block(LIMIT);
        holder.rollbackTransaction().then(holder.close()).then(other.close()).block(LIMIT);
    }

    @Test
    void shouldNeverHitTheNextStatementWithALateCancel() {
        for (int i = 0; i < 30; i++) {
            cancelAtOnce("SELECT count(*) FROM item a, item b WHERE a.id + b.id > 0");
            List<Integer> next = use(connection -> Flux.from(connection
                            .createStatement("SELECT id FROM item WHERE id < 10 AND pg_sleep(0.01) IS NOT NULL")
                            .execute())
                    .concatMap(result -> result.map((row, metadata) -> row.get(0, Integer.class)))
                    .collectList());
            assertThat(next).hasSize(9);
        }
    }

    @Test
    void shouldDropTheConnectionOfACancelledWriteAndNotCancelItAtTheServer() {
        Integer before = use(connection -> backend(connection).contextWrite(Routing.primary()));
        cancelWhileRunning(
                "WITH slow AS (SELECT pg_sleep(1)) INSERT INTO item SELECT 20000, 'written' FROM slow", primary());
        Integer after = use(connection -> backend(connection).contextWrite(Routing.primary()));
        assertThat(after).isNotEqualTo(before);
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(primary().query("SELECT name FROM item WHERE id = 20000"))
                        .containsExactly(List.of("written")));
    }

    @Test
    void shouldReleaseTheConnectionOfAResultThatNobodyEverConsumed() {
        use(connection -> Mono.from(connection
                        .createStatement("SELECT id FROM item WHERE id <= 10000")
                        .execute())
                .then(Mono.just(1)));
        String name = use(connection -> findById(connection, 3));
        assertThat(name).isEqualTo("name 3");
    }

    /** Netty notices buffers that were collected without having been released, at the next allocation after that. */
    @Test
    void shouldReleaseTheRowsOfResultsThatNobodyEverConsumed() {
        ResourceLeakDetector.Level before = ResourceLeakDetector.getLevel();
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
        ListAppender<ILoggingEvent> leaks = new ListAppender<>();
        Logger detector = (Logger) LoggerFactory.getLogger(ResourceLeakDetector.class);
        detector.addAppender(leaks);
        leaks.start();
        try {
            for (int i = 0; i < 5; i++) {
                use(connection -> Mono.from(connection
                                .createStatement("SELECT name FROM item WHERE id <= 5000")
                                .execute())
                        .then(Mono.just(1)));
                // The one connection is back.
                use(connection -> findById(connection, 3));
                System.gc();
            }
        } finally {
            detector.detachAppender(leaks);
            ResourceLeakDetector.setLevel(before);
        }
        assertThat(leaks.list).extracting(ILoggingEvent::getFormattedMessage).isEmpty();
    }

    @Test
    void shouldRollBackWhatWasLeftOpen() {
        use(connection -> connection
                .beginTransaction()
                .then(Flux.from(connection
                                .createStatement("DELETE FROM item WHERE id = 1")
                                .execute())
                        .flatMap(Result::getRowsUpdated)
                        .then())
                .thenReturn(1));
        Boolean autoCommit = use(connection -> connection
                .setAutoCommit(true)
                .then(findById(connection, 1).contextWrite(Routing.primary()))
                .map(name -> connection.isAutoCommit()));
        assertThat(autoCommit).isTrue();
    }

    @Test
    void shouldReadInsideARowOfAnotherReadOnTheSameConnection() {
        Long rows = use(connection -> Flux.from(connection
                        .createStatement("SELECT id FROM item WHERE id < 5")
                        .execute())
                .flatMap(result -> result.map((row, metadata) -> row.get(0, Integer.class)))
                .flatMap(id -> findById(connection, id))
                .count());
        assertThat(rows).isEqualTo(4);
    }

    /** Takes the session to the primary, for whatever follows. */
    private static Mono<Void> pinned(RoutingConnection connection) {
        return Flux.from(connection
                        .createStatement("DELETE FROM item WHERE id < 0")
                        .execute())
                .flatMap(Result::getRowsUpdated)
                .then();
    }

    private static Mono<Void> givenUp(RoutingConnection connection) {
        return givenUp(connection, "SELECT pg_sleep(60)");
    }

    /** Cancels a read once it runs. */
    private static Mono<Void> givenUp(RoutingConnection connection, String sql) {
        return Flux.from(connection.createStatement(sql).execute())
                .flatMap(Result::getRowsUpdated)
                .takeUntilOther(Mono.delay(Duration.ofMillis(100)))
                .then();
    }

    private void cancelWhileRunning(String sql, ClusterNode node) {
        Disposable running = Flux.usingWhen(
                        factory.create(),
                        connection -> Flux.from(connection.createStatement(sql).execute())
                                .flatMap(result -> result.getRowsUpdated()),
                        Connection::close)
                .subscribe();
        await().atMost(LIMIT)
                .until(() -> !node.query(
                                "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND wait_event = 'PgSleep'")
                        .isEmpty());
        running.dispose();
    }

    private void cancelAtOnce(String sql) {
        Flux.usingWhen(
                        factory.create(),
                        connection -> Flux.from(connection.createStatement(sql).execute())
                                .flatMap(result -> result.getRowsUpdated()),
                        Connection::close)
                .take(Duration.ofMillis(15))
                .blockLast(LIMIT);
    }

    private static void awaitQuiet(ClusterNode node, String fragment) {
        await().atMost(Duration.ofSeconds(5))
                .until(() -> node.query(
                                "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()"
                                        + " AND query LIKE '%" + fragment + "%'")
                        .isEmpty());
    }

    private static Mono<String> findById(Connection connection, int id) {
        return Flux.from(connection
                        .createStatement("SELECT name FROM item WHERE id = $1")
                        .bind(0, id)
                        .execute())
                .flatMap(result -> result.map((row, metadata) -> row.get(0, String.class)))
                .next();
    }

    private static Mono<Integer> backend(Connection connection) {
        return Flux.from(connection.createStatement("SELECT pg_backend_pid()").execute())
                .concatMap(result -> result.map((row, metadata) -> row.get(0, Integer.class)))
                .single();
    }

    private <T> T use(Function<RoutingConnection, Mono<T>> work) {
        return Mono.usingWhen(factory.create(), work, Connection::close).block(LIMIT);
    }

    private static ClusterNode primary() {
        return CLUSTER.cluster().primary();
    }

    private static ClusterNode replica() {
        return CLUSTER.cluster().replicas().get(0);
    }
}
