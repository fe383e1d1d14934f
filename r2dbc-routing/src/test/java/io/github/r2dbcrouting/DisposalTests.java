package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import io.github.r2dbcrouting.connection.RoutingConnection;
import io.github.r2dbcrouting.error.NodeUnreachableException;
import io.github.r2dbcrouting.error.OutcomeUnknownException;
import io.github.r2dbcrouting.error.TransactionLostException;
import io.r2dbc.spi.Result;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Flux;

/** What becomes of those who use a factory when it is disposed of. */
class DisposalTests {

    @RegisterExtension
    static final LocalClusterExtension CLUSTER =
            LocalClusterExtension.of(LocalCluster.postgresql().replicas(1));

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String SLOW_WRITE = "INSERT INTO item SELECT 1 FROM pg_sleep(60)";

    private RoutingConnectionFactory factory;

    @BeforeAll
    static void createTable() {
        CLUSTER.cluster().execute("CREATE TABLE item (id int); GRANT ALL ON item TO PUBLIC");
        CLUSTER.cluster().awaitReplication();
    }

    @BeforeEach
    void open() {
        factory = new RoutedStatements().over(CLUSTER.cluster()).build();
    }

    @AfterEach
    void shouldLeaveNoSession() {
        factory.close().block(LIMIT);
        await().atMost(LIMIT).until(() -> sessions() == 0);
    }

    @Test
    void shouldWaitForWhatIsUnderWay() {
        RoutingConnection connection = connection();
        CompletableFuture<Long> written = run(connection, "INSERT INTO item SELECT 2 FROM pg_sleep(0.5)");
        awaitStatement("pg_sleep(0.5)");
        CompletableFuture<DisposalReport> disposal = factory.disposeLater(LIMIT).toFuture();
        assertThatThrownBy(() -> factory.create().block(LIMIT))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the routing connection factory is closed");
        assertThat(written).succeedsWithin(LIMIT).isEqualTo(1L);
        assertThat(run(connection, "INSERT INTO item VALUES (3)"))
                .as("an open connection goes on")
                .succeedsWithin(LIMIT);
        assertThat(disposal).isNotDone();
        connection.close().block(LIMIT);
        assertThat(disposal)
                .succeedsWithin(LIMIT)
                .satisfies(report -> assertThat(report.isClean()).isTrue());
    }

    @Test
    void shouldCutOffWhatDoesNotEndInTimeAndSayWhat() {
        RoutingConnection writer = connection();
        RoutingConnection holder = connection();
        holder.beginTransaction().block(LIMIT);
        CompletableFuture<Long> written = run(writer, SLOW_WRITE);
        awaitStatement("pg_sleep(60)");
        DisposalReport report = factory.disposeLater(Duration.ofMillis(200)).block(LIMIT);
        assertThat(report.cutOff()).hasSize(2).allMatch(cut -> cut.matches("connection \\d+ of node node1"));
        assertThat(report.isClean()).isFalse();
        assertThat(report.took()).isGreaterThanOrEqualTo(Duration.ofMillis(200));
        assertThat(written)
                .failsWithin(LIMIT)
                .withThrowableThat()
                .havingCause()
                .isInstanceOf(OutcomeUnknownException.class)
                .withMessageContaining("the factory was disposed of and it did not end within 200 ms");
        endSlowWrites();
    }

    @Test
    void shouldCutOffEverythingAtOnceWhenItIsDisposedOfAbruptly() {
        CompletableFuture<Long> written = run(connection(), SLOW_WRITE);
        awaitStatement("pg_sleep(60)");
        RoutingConnection inTransaction = connection();
        inTransaction.beginTransaction().block(LIMIT);
        factory.dispose();
        assertThat(factory.isDisposed()).isTrue();
        assertThat(written)
                .failsWithin(LIMIT)
                .withThrowableThat()
                .havingCause()
                .isInstanceOf(OutcomeUnknownException.class)
                .havingCause()
                .isInstanceOf(NodeUnreachableException.class)
                .withMessageContaining("since the factory was disposed of");
        assertThatThrownBy(() -> inTransaction.commitTransaction().block(LIMIT))
                .isInstanceOf(TransactionLostException.class)
                .hasMessageContaining("since the factory was disposed of; nothing of it took effect");
        endSlowWrites();
    }

    @Test
    void shouldRefuseAStatementOfAConnectionThatOutlivedItsFactory() {
        RoutingConnection connection = connection();
        factory.close().block(LIMIT);
        for (String sql : List.of("SELECT 1", "INSERT INTO item VALUES (4)")) {
            assertThat(run(connection, sql))
                    .failsWithin(LIMIT)
                    .withThrowableThat()
                    .withMessageContaining("the routing connection factory is closed");
        }
        assertThatThrownBy(() -> connection.beginTransaction().block(LIMIT))
                .hasMessageContaining("the routing connection factory is closed");
        connection.close().block(LIMIT);
        factory.dispose();
        factory.disposeLater(LIMIT).block(LIMIT);
    }

    private RoutingConnection connection() {
        return factory.create().block(LIMIT);
    }

    private static CompletableFuture<Long> run(RoutingConnection connection, String sql) {
        return Flux.defer(() -> connection.createStatement(sql).execute())
                .flatMap(Result::getRowsUpdated)
                .next()
                .toFuture();
    }

    private static void awaitStatement(String part) {
        await().atMost(LIMIT)
                .until(() -> !CLUSTER.cluster()
                        .primary()
                        .query("SELECT 1 FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND state = 'active'"
                                + " AND query LIKE '%" + part + "%'")
                        .isEmpty());
    }

    /** The server learns only when it answers that nobody is there any more. */
    private static void endSlowWrites() {
        CLUSTER.cluster()
                .primary()
                .query(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'INSERT%pg_sleep(60)%'");
    }

    private static int sessions() {
        return CLUSTER.cluster().nodes().stream()
                .mapToInt(node -> node.query("SELECT 1 FROM pg_stat_activity WHERE usename IN ('app', 'monitor')")
                        .size())
                .sum();
    }
}
