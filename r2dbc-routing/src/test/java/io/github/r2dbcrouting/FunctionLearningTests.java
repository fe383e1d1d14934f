package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import io.github.r2dbcrouting.topology.NodeRole;
import io.r2dbc.spi.Batch;
import io.r2dbc.spi.R2dbcException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What functions do is read from the server, and what its answers hide is learned from its refusals. */
class FunctionLearningTests {

    @RegisterExtension
    static final LocalClusterExtension CLUSTER =
            LocalClusterExtension.of(LocalCluster.postgresql().replicas(1));

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final RoutedStatements ROUTED = new RoutedStatements();
    private static RoutingConnectionFactory factory;

    @BeforeAll
    static void start() {
        LocalCluster cluster = CLUSTER.cluster();
        Stream.of(
                        "CREATE TABLE seen (what text)",
                        "CREATE TABLE item (id integer, name text DEFAULT 'x')",
                        "INSERT INTO item VALUES (1, 'a')",
                        "CREATE FUNCTION harmless() RETURNS integer STABLE LANGUAGE sql AS 'SELECT 1'",
                        "CREATE FUNCTION note(text) RETURNS boolean VOLATILE LANGUAGE sql"
                                + " AS 'INSERT INTO seen VALUES ($1) RETURNING true'",
                        "CREATE FUNCTION note(text, text) RETURNS boolean VOLATILE LANGUAGE sql"
                                + " AS 'INSERT INTO seen VALUES ($1) RETURNING true'",
                        "CREATE TYPE wrapped AS (what boolean)",
                        "CREATE FUNCTION wrap(text) RETURNS wrapped VOLATILE LANGUAGE sql"
                                + " AS 'INSERT INTO seen VALUES ($1) RETURNING ROW(true)::wrapped'",
                        "CREATE CAST (text AS wrapped) WITH FUNCTION wrap(text)",
                        "CREATE OPERATOR === (LEFTARG = text, RIGHTARG = text, FUNCTION = note)",
                        "CREATE DOMAIN noted AS text CHECK (note(VALUE))",
                        "CREATE VIEW noisy AS SELECT note('seen') AS n",
                        "CREATE VIEW nested AS SELECT n FROM noisy")
                .forEach(cluster::execute);
        cluster.awaitReplication();
        factory = ROUTED.over(cluster).build();
        run("SELECT 1");
        await().atMost(LIMIT).until(() -> isRead("SELECT harmless()"));
    }

    @AfterAll
    static void close() {
        factory.close().block(LIMIT);
    }

    @BeforeEach
    void forget() {
        ROUTED.clear();
    }

    @Test
    void shouldReadOnReplicasByFunctionsThatTheServerCallsHarmless() {
        run("SELECT harmless()");
        assertThat(ROUTED.roles()).containsExactly(NodeRole.REPLICA);
    }

    @Test
    void shouldReadAgainWhenAFunctionTurnsUpThatSomebodyElseHasMade() {
        CLUSTER.cluster().execute("CREATE FUNCTION later() RETURNS integer STABLE LANGUAGE sql AS 'SELECT 1'");
        CLUSTER.cluster().awaitReplication();
        run("SELECT later()");
        assertThat(ROUTED.roles()).containsExactly(NodeRole.PRIMARY);
        await().atMost(LIMIT).until(() -> isRead("SELECT later()"));
    }

    @Test
    void shouldReadAgainAfterAChangeOfTheSchema() {
        assertThat(isRead("SELECT initcap('a')")).isTrue();
        run("CREATE FUNCTION public.initcap(integer) RETURNS integer VOLATILE LANGUAGE sql AS 'SELECT 1'");
        await().atMost(LIMIT).until(() -> !isRead("SELECT initcap('a')"));
        run("DROP FUNCTION public.initcap(integer)");
        await().atMost(LIMIT).until(() -> isRead("SELECT initcap('a')"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT n FROM noisy",
                "SELECT n FROM nested",
                "SELECT name === 'x' FROM item",
                "SELECT name::wrapped FROM item",
                "SELECT name::noted FROM item",
            })
    void shouldLearnFromARefusalWhatATextHides(String sql) {
        run(sql);
        assertThat(ROUTED.roles()).containsExactly(NodeRole.REPLICA, NodeRole.PRIMARY);
        ROUTED.clear();
        run(sql);
        assertThat(ROUTED.roles()).containsExactly(NodeRole.PRIMARY);
    }

    @Test
    void shouldLearnOfALongTextToo() {
        String sql = "SELECT n, '" + "x".repeat(10_000) + "' FROM noisy";
        run(sql);
        run(sql);
        assertThat(ROUTED.roles()).containsExactly(NodeRole.REPLICA, NodeRole.PRIMARY, NodeRole.PRIMARY);
    }

    @Test
    void shouldLearnOfABatchAsAWholeAndOfNoneOfItsTexts() {
        List<String> texts = List.of("SELECT 2", "SELECT n AS batched FROM noisy");
        assertThat(batch(texts)
                        .onErrorResume(R2dbcException.class, e -> Flux.empty())
                        .collectList()
                        .block(LIMIT))
                .isNotNull();
        ROUTED.clear();
        assertThat(batch(texts).collectList().block(LIMIT)).hasSize(2);
        assertThat(ROUTED.roles()).containsExactly(NodeRole.PRIMARY);
        assertThat(isRead("SELECT 2")).isTrue();
    }

    private static Flux<Object> batch(List<String> texts) {
        return Flux.usingWhen(
                factory.create(),
                connection -> {
                    Batch batch = connection.createBatch();
                    texts.forEach(batch::add);
                    return Flux.from(batch.execute())
                            .concatMap(result -> result.map((row, metadata) -> Objects.requireNonNull(row.get(0))));
                },
                connection -> connection.close());
    }

    private static void run(String sql) {
        Mono.usingWhen(
                        factory.create(),
                        connection -> Flux.from(connection.createStatement(sql).execute())
                                .concatMap(result -> result.getRowsUpdated())
                                .then(),
                        connection -> connection.close())
                .block(LIMIT);
    }

    private static boolean isRead(String sql) {
        return Objects.requireNonNull(factory.explain(sql).node()).role() == NodeRole.REPLICA;
    }
}
