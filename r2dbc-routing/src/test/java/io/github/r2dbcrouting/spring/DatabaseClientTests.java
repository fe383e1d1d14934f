package io.github.r2dbcrouting.spring;

import static io.github.r2dbcrouting.spring.NoteCluster.result;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.Routing;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import io.github.r2dbcrouting.topology.NodeRole;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.spi.Readable;
import io.r2dbc.spi.Result;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Where the statements of a {@code DatabaseClient} run. */
class DatabaseClientTests {

    @RegisterExtension
    static final LocalClusterExtension CLUSTER = NoteCluster.extension();

    private static PlainSpring spring;
    private static DatabaseClient client;

    @BeforeAll
    static void start() {
        NoteCluster.createNotes(CLUSTER.cluster());
        CLUSTER.cluster().execute("INSERT INTO note (text) SELECT 'note ' || n FROM generate_series(1, 500) n");
        spring = PlainSpring.over(CLUSTER.cluster());
        client = spring.bean(DatabaseClient.class);
    }

    @AfterAll
    static void stop() {
        spring.close();
    }

    @BeforeEach
    void forget() {
        spring.forget();
    }

    @Test
    void shouldFetchFromAReplicaInEveryManner() {
        var select = client.sql("SELECT read_at FROM note WHERE id <= :id").bind("id", 100);
        assertThat(result(select.map(DatabaseClientTests::number).first()))
                .isIn(NoteCluster.replicaPorts(CLUSTER.cluster()));
        assertThat(result(select.map(DatabaseClientTests::number).all().collectList()))
                .hasSize(100);
        assertThat(result(client.sql("SELECT * FROM note WHERE id = 1").fetch().one()))
                .containsEntry("text", "note 1");
        assertThat(result(client.sql("SELECT id, text, written_at, read_at FROM note WHERE id = 2")
                        .mapProperties(Note.class)
                        .one()))
                .extracting(Note::text)
                .isEqualTo("note 2");
        assertThat(spring.routes()).hasSize(4).containsOnly("SELECT replica");
    }

    @Test
    void shouldWriteOnThePrimaryAndReturnWhatItGenerated() {
        Integer id = result(client.sql("INSERT INTO note (text) VALUES (:text)")
                .bind("text", "generated")
                .filter(statement -> statement.returnGeneratedValues("id"))
                .map(DatabaseClientTests::number)
                .one());
        assertThat(result(client.sql("SELECT text FROM note WHERE id = :id")
                        .bind("id", id)
                        .mapValue(String.class)
                        .one()))
                .isEqualTo("generated");
        assertThat(result(client.sql("DELETE FROM note WHERE id = :id")
                        .bind("id", id)
                        .fetch()
                        .rowsUpdated()))
                .isEqualTo(1);
        assertThat(spring.routes()).containsExactly("INSERT primary", "SELECT replica", "DELETE primary");
    }

    @Test
    void shouldTakeNoDisguisedWriteForARead() {
        result(client.sql("WITH moved AS (INSERT INTO note (text) VALUES ('in a query') RETURNING id)"
                        + " SELECT id FROM moved")
                .map(DatabaseClientTests::number)
                .one());
        result(client.sql("SELECT id FROM note WHERE id = 3 FOR UPDATE")
                .map(DatabaseClientTests::number)
                .one());
        result(client.sql("SELECT nextval('note_base_id_seq')::int")
                .map(DatabaseClientTests::number)
                .one());
        assertThat(spring.routes()).containsExactly("WITH primary", "SELECT primary", "SELECT primary");
    }

    @Test
    void shouldStayOnThePrimaryAfterAWriteWithinOneConnection() {
        result(client.inConnection(connection -> Mono.from(
                                connection.createStatement("SELECT 1").execute())
                        .flatMap(DatabaseClientTests::drained))
                .thenReturn(true));
        result(client.inConnectionMany(connection -> Flux.just(
                                "SELECT 1", "UPDATE note SET text = 'same' WHERE id = 4", "SELECT 2")
                        .concatMap(
                                sql -> Flux.from(connection.createStatement(sql).execute())
                                        .concatMap(DatabaseClientTests::drained)))
                .then(Mono.just(true)));
        assertThat(spring.routes())
                .containsExactly("SELECT replica", "SELECT replica", "UPDATE primary", "SELECT primary");
    }

    @Test
    void shouldGiveTheDriversConnectionThroughTheClientsOwnWrapper() {
        Integer replica = result(client.inConnection(connection -> Routing.pinned(
                        connection, NodeRole.REPLICA, PostgresqlConnection.class)
                .flatMap(driver -> driver.createStatement("SELECT inet_server_port()")
                        .execute()
                        .concatMap(rows -> rows.map(DatabaseClientTests::number))
                        .single())));
        assertThat(replica).isIn(NoteCluster.replicaPorts(CLUSTER.cluster()));
    }

    @Test
    void shouldFollowTheHintOfTheChain() {
        Mono<Integer> read =
                client.sql("SELECT inet_server_port()").mapValue(Integer.class).one();
        assertThat(result(read.contextWrite(Routing.primary())))
                .isEqualTo(CLUSTER.cluster().primary().port());
        assertThat(result(read.contextWrite(Routing.using("node2"))))
                .isEqualTo(CLUSTER.cluster().nodes().get(1).port());
        assertThat(spring.routes()).containsExactly("SELECT primary", "SELECT replica");
    }

    private static Mono<Long> drained(Result result) {
        return Flux.from(result.map(row -> 1L)).count();
    }

    private static Integer number(Readable row) {
        return Objects.requireNonNull(row.get(0, Integer.class));
    }
}
