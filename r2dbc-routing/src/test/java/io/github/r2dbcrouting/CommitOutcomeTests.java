package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import io.github.r2dbcrouting.connection.RoutingConnection;
import io.github.r2dbcrouting.error.OutcomeUnknownException;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Result;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Commits that wait for a standby which never answers, and then lose their connection or their subscriber. */
class CommitOutcomeTests {

    @RegisterExtension
    static final LocalClusterExtension CLUSTER =
            LocalClusterExtension.of(LocalCluster.postgresql().replicas(1));

    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String WAITING = "FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND usename = 'app'";

    private final RoutedStatements routed = new RoutedStatements();
    private RoutingConnectionFactory factory;

    /** One connection a node, so that one which is not given back is missed at once. */
    @BeforeEach
    void open() {
        CLUSTER.cluster()
                .execute("CREATE TABLE IF NOT EXISTS item (id int); TRUNCATE item; GRANT ALL ON item TO PUBLIC");
        factory = routed.over(CLUSTER.cluster()).maxSize(1).build();
        use(connection -> update(connection, "INSERT INTO item VALUES (0)")).block(LIMIT);
        CLUSTER.cluster().synchronousStandbys("nobody");
    }

    @AfterEach
    void close() {
        CLUSTER.cluster().synchronousStandbys("");
        factory.close().block(LIMIT);
    }

    @ParameterizedTest
    @EnumSource
    void shouldSayThatTheOutcomeIsUnknownWhenTheAnswerIsLost(Ending ending) {
        CompletableFuture<?> committed = use(connection -> connection
                        .beginTransaction()
                        .then(update(connection, "INSERT INTO item VALUES (1)"))
                        .then(ending.end(connection)))
                .toFuture();
        awaitCommit();
        primary().query("SELECT pg_terminate_backend(pid) " + WAITING);
        assertThat(committed)
                .failsWithin(LIMIT)
                .withThrowableOfType(ExecutionException.class)
                .withCauseInstanceOf(OutcomeUnknownException.class);
    }

    /** How a transaction can be committed. */
    enum Ending {
        METHOD {
            @Override
            Mono<?> end(Connection connection) {
                return Mono.from(connection.commitTransaction());
            }
        },
        TEXT {
            @Override
            Mono<?> end(Connection connection) {
                return update(connection, "COMMIT");
            }
        },
        AUTO_COMMIT {
            @Override
            Mono<?> end(Connection connection) {
                return Mono.from(connection.setAutoCommit(true));
            }
        };

        abstract Mono<?> end(Connection connection);
    }

    /** Cancelling it at the server would acknowledge it; giving its connection back twice would lend it to two users. */
    @Test
    void shouldNeitherCancelACommitThatNobodyWaitsForNorGiveItsConnectionBackTwice() {
        Disposable committing = use(connection -> connection
                        .beginTransaction()
                        .then(update(connection, "INSERT INTO item VALUES (1)"))
                        .then(connection.commitTransaction()))
                .subscribe();
        awaitCommit();
        committing.dispose();
        CompletableFuture<Long> next = use(connection -> update(connection, "INSERT INTO item VALUES (2)"))
                .toFuture();
        assertThat(primary().query("SELECT id FROM item WHERE id = 1")).isEmpty();
        CLUSTER.cluster().synchronousStandbys("");
        assertThat(next).succeedsWithin(LIMIT).isEqualTo(1L);
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(primary().query("SELECT id FROM item WHERE id = 1"))
                        .hasSize(1));
        List<Object> backends = Flux.range(0, 4)
                .flatMap(number -> use(connection -> backend(connection)).contextWrite(Routing.primary()))
                .distinct()
                .collectList()
                .block(LIMIT);
        assertThat(backends).hasSize(1);
    }

    private static void awaitCommit() {
        await().atMost(LIMIT)
                .until(() -> !primary().query("SELECT pid " + WAITING).isEmpty());
    }

    private <T> Mono<T> use(Function<RoutingConnection, Mono<T>> work) {
        return Mono.usingWhen(factory.create(), work, Connection::close);
    }

    private static Mono<Object> backend(Connection connection) {
        return Flux.from(connection
                        .createStatement("SELECT pg_backend_pid() FROM pg_sleep(0.1)")
                        .execute())
                .concatMap(result -> result.map((row, metadata) -> row.get(0)))
                .single();
    }

    private static Mono<Long> update(Connection connection, String sql) {
        return Flux.defer(() -> connection.createStatement(sql).execute())
                .concatMap(Result::getRowsUpdated)
                .reduce(0L, Long::sum);
    }

    private static ClusterNode primary() {
        return CLUSTER.cluster().primary();
    }
}
