package io.github.r2dbcrouting.spring;

import static io.github.r2dbcrouting.spring.NoteCluster.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.Routing;
import io.github.r2dbcrouting.RoutingConnectionFactory;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import io.github.r2dbcrouting.topology.NodeRole;
import io.r2dbc.pool.ConnectionPool;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.transaction.reactive.TransactionalOperator;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A Boot application that has only a URL. Boot wraps the factory in a pool of its own, and there is nobody to tell where a
 * statement was sent, so the servers say it.
 */
class BootApplicationTests {

    @RegisterExtension
    static final LocalClusterExtension CLUSTER = NoteCluster.extension();

    private static ConfigurableApplicationContext application;
    private static NoteRepository notes;
    private static NoteService service;
    private static DatabaseClient client;

    @BeforeAll
    static void start() {
        NoteCluster.createNotes(CLUSTER.cluster());
        CLUSTER.cluster().execute("INSERT INTO note (text) VALUES ('here from the start')");
        application = NoteApplication.over(CLUSTER.cluster(), Map.of());
        NoteCluster.awaitNodes(NoteApplication.routingOf(application));
        notes = application.getBean(NoteRepository.class);
        service = application.getBean(NoteService.class);
        client = application.getBean(DatabaseClient.class);
    }

    @AfterAll
    static void stop() {
        RoutingConnectionFactory factory = NoteApplication.routingOf(application);
        application.close();
        factory.close().block(NoteCluster.LIMIT);
    }

    @Test
    void shouldBeWrappedInThePoolOfBoot() {
        assertThat(application.getBean(ConnectionFactory.class)).isInstanceOf(ConnectionPool.class);
        assertThat(NoteApplication.routingOf(application).getMetadata().getName())
                .isEqualTo("PostgreSQL");
    }

    @Test
    void shouldWriteOnThePrimaryAndReadOnReplicas() {
        Note written = result(notes.save(Note.of("by Boot")));
        List<Note> seen = result(
                Flux.range(0, 8).concatMap(i -> notes.findById(written.id())).collectList());
        assertThat(seen).hasSize(8).allMatch(note -> note.writtenAt() == primaryPort());
        assertThat(seen).map(Note::readAt).isSubsetOf(replicaPorts());
    }

    @Test
    void shouldShareReadsAmongTheReplicas() {
        // Until a replica is known to show what was written before, all go to the other one.
        Set<Integer> serving = new HashSet<>();
        await().atMost(NoteCluster.LIMIT)
                .until(() -> serving.add(result(notes.findById(1)).readAt())
                        && serving.size() == replicaPorts().size());
        assertThat(serving).containsExactlyInAnyOrderElementsOf(replicaPorts());
    }

    @Test
    void shouldRunReadOnlyMethodsOnReplicasAndOthersOnThePrimary() {
        List<Note> twice = result(service.readTwice(1));
        assertThat(twice).hasSize(2);
        assertThat(twice.get(0).readAt()).isEqualTo(twice.get(1).readAt()).isIn(replicaPorts());
        assertThat(result(service.writeAndRead("in a transaction")).readAt()).isEqualTo(primaryPort());
        assertThatThrownBy(() -> result(service.writeByMistake("never")))
                .hasStackTraceContaining("read-only transaction");
    }

    @Test
    void shouldRunTheOperatorThatBootMakesOnThePrimary() {
        TransactionalOperator operator = application.getBean(TransactionalOperator.class);
        assertThat(result(operator.transactional(notes.findById(1))).readAt()).isEqualTo(primaryPort());
    }

    @Test
    void shouldReadHintsWhenAStatementIsExecuted() {
        Mono<Note> read = notes.findById(1);
        for (int i = 0; i < 12; i++) {
            assertThat(result(read.contextWrite(Routing.primary())).readAt()).isEqualTo(primaryPort());
            assertThat(result(read).readAt()).isIn(replicaPorts());
            Integer port = replicaPorts().get(i % 2);
            assertThat(result(read.contextWrite(Routing.using("127.0.0.1:" + port)))
                            .readAt())
                    .isEqualTo(port);
        }
    }

    @Test
    void shouldGiveTheDriversConnectionThroughThePool() {
        Integer replica = result(client.inConnection(connection -> portOfPinned(connection, NodeRole.REPLICA)));
        assertThat(replica).isIn(replicaPorts());
        Integer primary = result(client.inConnection(connection -> portOfPinned(connection, NodeRole.PRIMARY)));
        assertThat(primary).isEqualTo(primaryPort());
        ConnectionPool pool = (ConnectionPool) application.getBean(ConnectionFactory.class);
        replica = result(Mono.usingWhen(
                pool.create(), connection -> portOfPinned(connection, NodeRole.REPLICA), Connection::close));
        assertThat(replica).isIn(replicaPorts());
    }

    @Test
    void shouldLeaveNothingPinnedOrHeldWhenManyHaveUsedIt() {
        List<Note> seen = result(Flux.range(0, 200)
                .flatMap(
                        i -> switch (i % 4) {
                            case 0 -> notes.save(Note.of("one of many"));
                            case 1 -> service.writeAndRead("one of many");
                            case 2 -> service.readTwice(1).map(twice -> twice.get(0));
                            default -> notes.findById(1);
                        },
                        20)
                .collectList());
        assertThat(seen).hasSize(200);
        assertThat(result(notes.findById(1)).readAt()).isIn(replicaPorts());
        assertThat(CLUSTER.cluster().primary().query("SELECT 1 FROM pg_stat_activity WHERE state LIKE 'idle in%'"))
                .isEmpty();
    }

    private static Mono<Integer> portOfPinned(Connection connection, NodeRole role) {
        return Routing.pinned(connection, role, PostgresqlConnection.class)
                .flatMap(driver -> driver.createStatement("SELECT inet_server_port()")
                        .execute()
                        .concatMap(rows -> rows.map(row -> row.get(0, Integer.class)))
                        .single());
    }

    private static int primaryPort() {
        return CLUSTER.cluster().primary().port();
    }

    private static List<Integer> replicaPorts() {
        return NoteCluster.replicaPorts(CLUSTER.cluster());
    }
}
