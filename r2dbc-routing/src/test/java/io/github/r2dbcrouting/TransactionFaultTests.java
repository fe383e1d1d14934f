package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.connection.RoutingConnection;
import io.github.r2dbcrouting.error.TransactionLostException;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Result;
import io.r2dbc.spi.TransactionDefinition;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Transactions, writing and read-only ones, whose nodes are struck at each moment of their lives. */
class TransactionFaultTests {

    @RegisterExtension
    static final DatabaseClusters CLUSTERS = new DatabaseClusters();

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final RoutedStatements routed = new RoutedStatements();
    private LocalCluster cluster;
    private RoutingConnectionFactory factory;

    @BeforeAll
    static void createTables() {
        for (LocalCluster each : CLUSTERS.all()) {
            each.execute("CREATE TABLE item (id int)");
            each.awaitReplication();
        }
    }

    @AfterEach
    void close() {
        factory.close().block(LIMIT);
    }

    /** How a transaction is torn from its node, and how the node is helped up again. */
    private enum Blow {
        KILL {
            @Override
            void strike(DatabaseKind database, ClusterNode node) {
                node.kill();
            }

            @Override
            void end(ClusterNode node) {
                node.start();
            }
        },
        TERMINATE {
            @Override
            void strike(DatabaseKind database, ClusterNode node) {
                database.endSessions(node, "app");
            }
        },
        FREEZE {
            @Override
            void strike(DatabaseKind database, ClusterNode node) {
                NodeFault.FREEZE.strike(node);
            }

            @Override
            void end(ClusterNode node) {
                NodeFault.FREEZE.end(node);
            }
        },
        RESET {
            @Override
            void strike(DatabaseKind database, ClusterNode node) {
                NodeFault.RESET.strike(node);
            }
        };

        abstract void strike(DatabaseKind database, ClusterNode node);

        void end(ClusterNode node) {}
    }

    static Stream<Arguments> blows() {
        return Stream.of(
                Arguments.of(DatabaseKind.POSTGRESQL, Blow.KILL),
                Arguments.of(DatabaseKind.POSTGRESQL, Blow.TERMINATE),
                Arguments.of(DatabaseKind.POSTGRESQL, Blow.FREEZE),
                Arguments.of(DatabaseKind.POSTGRESQL, Blow.RESET),
                Arguments.of(DatabaseKind.MARIADB, Blow.KILL),
                Arguments.of(DatabaseKind.MARIADB, Blow.TERMINATE),
                Arguments.of(DatabaseKind.MARIADB, Blow.FREEZE));
    }

    @ParameterizedTest
    @MethodSource("blows")
    void shouldEndAtEachMomentAndBeginAnewOnALiveNode(DatabaseKind database, Blow blow) {
        open(database);
        ClusterNode primary = cluster.primary();
        ClusterNode replica = cluster.replicas().get(0);
        Transaction fresh = new Transaction(null);
        Transaction idle = new Transaction(null);
        idle.write(7);
        Transaction busy = new Transaction(null);
        busy.write(7);
        Transaction committing = new Transaction(null);
        committing.write(7);
        Transaction reading = new Transaction(ReadOnly.TRANSACTION, replica);
        CompletableFuture<Throwable> slowWrite = busy.error("INSERT INTO item " + database.sleepOn(primary, 20));
        CompletableFuture<Throwable> slowRead = reading.error(database.sleepOn(replica, 20));
        await().atMost(LIMIT)
                .until(() -> routed.all().stream()
                                .filter(route -> route.sql().contains("20"))
                                .count()
                        == 2);

        blow.strike(database, primary);
        blow.strike(database, replica);

        for (CompletableFuture<Throwable> running : List.of(slowWrite, slowRead)) {
            assertThat(running)
                    .succeedsWithin(LIMIT)
                    .isInstanceOf(TransactionLostException.class)
                    .asString()
                    .contains("nothing of it took effect; roll back and run it again");
        }
        // A read-only one finds another replica while its own is still down.
        reading.isLostUntilRolledBack();
        reading.begin(ReadOnly.TRANSACTION);
        assertThat(reading.error("SELECT id FROM item")).succeedsWithin(LIMIT).isSameAs(Transaction.NO_ERROR);
        for (Transaction lost : List.of(fresh, idle, busy)) {
            lost.isLostUntilRolledBack();
        }
        assertThat(errorOf(committing.connection.commitTransaction()))
                .succeedsWithin(LIMIT)
                .isInstanceOf(TransactionLostException.class);
        blow.end(primary);
        blow.end(replica);
        for (Transaction again : List.of(fresh, idle, busy, committing)) {
            again.begin(null);
            again.write(1);
            again.connection.commitTransaction().block(LIMIT);
        }
        Stream.of(fresh, idle, busy, committing, reading)
                .forEach(each -> each.connection.close().block(LIMIT));
        assertThat(cluster.primary().query("SELECT count(*) FROM item WHERE id = 1"))
                .containsExactly(List.of("4"));
        assertThat(cluster.primary().query("SELECT count(*) FROM item")).containsExactly(List.of("4"));
    }

    private void open(DatabaseKind database) {
        cluster = CLUSTERS.of(database);
        cluster.execute("DELETE FROM item");
        factory = routed.overProxies(cluster, database.driver)
                .probeInterval(Duration.ofMillis(100))
                .option(RoutingOptions.PROBE_TIMEOUT, Duration.ofSeconds(1))
                .option(RoutingOptions.SUSPECT_AFTER, Duration.ofMillis(200))
                .option(RoutingOptions.ACQUIRE_TIMEOUT, LIMIT)
                .build();
        Mono.usingWhen(factory.create(), connection -> rows(connection, "SELECT 1"), Connection::close)
                .block(LIMIT);
        await().atMost(LIMIT)
                .until(() -> factory.currentTopology().nodes().stream().allMatch(node -> node.isUsable()));
        routed.clear();
    }

    private static CompletableFuture<Throwable> errorOf(Mono<Void> work) {
        return work.then(Mono.<Throwable>empty())
                .onErrorResume(Mono::just)
                .defaultIfEmpty(Transaction.NO_ERROR)
                .toFuture();
    }

    private static Mono<Void> rows(Connection connection, String sql) {
        return Flux.defer(() -> connection.createStatement(sql).execute())
                .concatMap(Result::getRowsUpdated)
                .then();
    }

    private final class Transaction {

        private static final Throwable NO_ERROR = new Throwable("no error");

        private final RoutingConnection connection = factory.create().block(LIMIT);

        Transaction(TransactionDefinition definition) {
            begin(definition);
        }

        Transaction(TransactionDefinition definition, ClusterNode node) {
            connection
                    .beginTransaction(definition)
                    .contextWrite(Routing.using(node.name()))
                    .block(LIMIT);
        }

        void begin(TransactionDefinition definition) {
            (definition == null ? connection.beginTransaction() : connection.beginTransaction(definition)).block(LIMIT);
        }

        void write(int id) {
            rows(connection, "INSERT INTO item VALUES (" + id + ")").block(LIMIT);
        }

        CompletableFuture<Throwable> error(String sql) {
            return errorOf(rows(connection, sql));
        }

        void isLostUntilRolledBack() {
            assertThat(error("INSERT INTO item VALUES (7)"))
                    .succeedsWithin(LIMIT)
                    .isInstanceOf(TransactionLostException.class);
            assertThat(error("SELECT id FROM item")).succeedsWithin(LIMIT).isInstanceOf(TransactionLostException.class);
            assertThat(errorOf(connection.createSavepoint("a")))
                    .succeedsWithin(LIMIT)
                    .isInstanceOf(TransactionLostException.class);
            connection.rollbackTransaction().block(LIMIT);
        }
    }
}
