package io.github.r2dbcrouting.spring;

import static io.github.r2dbcrouting.spring.NoteCluster.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.vertical_blank.sqlformatter.SqlFormatter;
import com.github.vertical_blank.sqlformatter.core.FormatConfig;
import com.github.vertical_blank.sqlformatter.languages.Dialect;
import io.github.r2dbcrouting.Routing;
import io.github.r2dbcrouting.RoutingConnectionFactory;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import io.github.r2dbcrouting.error.InvalidHintException;
import io.github.r2dbcrouting.error.WriteOnReplicaException;
import io.github.r2dbcrouting.topology.NodeRole;
import io.r2dbc.pool.ConnectionPool;
import io.r2dbc.spi.ConnectionFactory;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jooq.DSLContext;
import org.jooq.SQLDialect;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.r2dbc.BadSqlGrammarException;
import org.springframework.r2dbc.connection.R2dbcTransactionManager;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.transaction.reactive.TransactionalOperator;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Comments and derived factories, through what people put texts together with. Each read says which server answered. */
class CommentTests {

    @RegisterExtension
    static final LocalClusterExtension CLUSTER = NoteCluster.extension();

    private static final String PORT = "SELECT inet_server_port()";

    private static PlainSpring spring;
    private static DatabaseClient client;
    private static NoteRepository notes;

    @BeforeAll
    static void start() {
        NoteCluster.createNotes(CLUSTER.cluster());
        CLUSTER.cluster().execute("INSERT INTO note (text) VALUES ('one')");
        spring = PlainSpring.over(CLUSTER.cluster());
        client = spring.bean(DatabaseClient.class);
        notes = spring.bean(NoteRepository.class);
    }

    @AfterAll
    static void stop() {
        spring.close();
    }

    @Test
    void shouldObeyACommentInAQueryOfSpringData() {
        for (int i = 0; i < 4; i++) {
            assertThat(result(notes.findOnPrimary(1)).readAt()).isEqualTo(port("node1"));
            assertThat(result(notes.findOnThirdNode(1)).readAt()).isEqualTo(port("node3"));
            assertThat(result(notes.findById(1)).readAt()).isIn(port("node2"), port("node3"));
        }
    }

    @Test
    void shouldObeyACommentInATextOfTheDatabaseClientBesideItsNamedParameters() {
        Mono<Integer> read = client.sql("SELECT /*+ route:primary, region = 'x' */ read_at FROM note WHERE id = :id")
                .bind("id", 1)
                .map(row -> Objects.requireNonNull(row.get(0, Integer.class)))
                .one();
        assertThatThrownBy(() -> result(read))
                .isInstanceOf(BadSqlGrammarException.class)
                .hasCauseInstanceOf(InvalidHintException.class)
                .hasStackTraceContaining("no node is in region 'x': none was given a region");
        assertThat(result(client.sql("SELECT read_at FROM note WHERE id = :id /*+ route:node=\"node2\" */")
                        .bind("id", 1)
                        .map(row -> Objects.requireNonNull(row.get(0, Integer.class)))
                        .one()))
                .isEqualTo(port("node2"));
    }

    @Test
    void shouldTellOfWhatCannotBeObeyedThroughSpring() {
        assertThatThrownBy(() -> result(
                        client.sql(PORT + " /*+ route: elsewhere */").fetch().rowsUpdated()))
                .isInstanceOf(BadSqlGrammarException.class)
                .hasStackTraceContaining(
                        "routing hint 'elsewhere' at character 38: is not known, needed primary, replica");
        assertThatThrownBy(() -> result(client.sql("DELETE FROM note_base WHERE false")
                        .fetch()
                        .rowsUpdated()
                        .contextWrite(Routing.replica())))
                .hasRootCauseInstanceOf(WriteOnReplicaException.class);
    }

    @Test
    void shouldFailWhatAReplicaRefusesWithTheRefusalAsItsCause() {
        CLUSTER.cluster()
                .execute("CREATE FUNCTION jot() RETURNS int LANGUAGE sql AS"
                        + " 'INSERT INTO note_base (text) VALUES (''jotted'') RETURNING 1'");
        CLUSTER.cluster().awaitReplication();
        Mono<Map<String, Object>> read = client.sql("SELECT jot()").fetch().one();
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> result(read.contextWrite(Routing.replica())))
                    .hasStackTraceContaining(WriteOnReplicaException.class.getName());
        }
        assertThat(spring.factory().explain("SELECT jot()").reason()).isEqualTo("a write");
        assertThat(result(read)).containsEntry("jot", 1);
    }

    @Test
    void shouldObeyTheHintsOfJooq() {
        DSLContext jooq = DSL.using(spring.factory(), SQLDialect.POSTGRES);
        var port = DSL.field("inet_server_port()", Integer.class);
        assertThat(result(Mono.from(jooq.select(port).hint("/*+ route: primary */")))
                        .value1())
                .isEqualTo(port("node1"));
        assertThat(result(Mono.from(jooq.select(port)
                                .hint("/*+ SeqScan(note) route: node=node3 */")
                                .from("note")
                                .where("id = {0}", DSL.val(1))))
                        .value1())
                .isEqualTo(port("node3"));
        assertThat(result(Mono.from(
                                jooq.resultQuery("SELECT /*+ route:node=node2 */ inet_server_port() WHERE 1 = ?", 1)))
                        .get(0))
                .isEqualTo(port("node2"));
        assertThat(jooq.renderInlined(jooq.select(port).hint("/*+ route: replica */")))
                .contains("/*+ route: replica */");
    }

    @ParameterizedTest
    @EnumSource(
            value = Dialect.class,
            names = {"StandardSql", "PostgreSql", "MySql", "MariaDb"})
    void shouldReadACommentThatAFormatterHasMoved(Dialect dialect) {
        for (String sql : List.of(
                "/*+ route: primary */ select a, b from note where a = 1 and b in (select 2)",
                "select /*+ route: primary */ a from note",
                "select /*+route:primary*/ a from note order by a",
                "select a from note where a = 1 /*+ ROUTE :\n primary */")) {
            for (boolean uppercase : new boolean[] {false, true}) {
                String formatted = SqlFormatter.of(dialect)
                        .format(sql, FormatConfig.builder().uppercase(uppercase).build());
                assertThat(spring.factory().explain(formatted).request().hints().role())
                        .as(formatted)
                        .isEqualTo(NodeRole.PRIMARY);
            }
        }
    }

    @Test
    void shouldObeyACommentThroughThePoolOfBoot() {
        try (ConfigurableApplicationContext application = NoteApplication.over(CLUSTER.cluster(), Map.of())) {
            RoutingConnectionFactory factory = NoteApplication.routingOf(application);
            NoteCluster.awaitNodes(factory);
            assertThat(application.getBean(ConnectionFactory.class)).isInstanceOf(ConnectionPool.class);
            DatabaseClient pooled = application.getBean(DatabaseClient.class);
            for (int i = 0; i < 12; i++) {
                assertThat(portOf(pooled, PORT + " /*+ route: primary */")).isEqualTo(port("node1"));
                assertThat(portOf(pooled, PORT)).isIn(port("node2"), port("node3"));
                assertThat(result(read(pooled, PORT).contextWrite(Routing.primary())))
                        .isEqualTo(port("node1"));
            }
            factory.close().block(NoteCluster.LIMIT);
        }
    }

    @Test
    void shouldServeAsConnectionFactoriesOfSpring() {
        RoutingConnectionFactory factory = spring.factory();
        DatabaseClient replicas = DatabaseClient.create(factory.replicas());
        assertThat(portOf(DatabaseClient.create(factory.primary()), PORT)).isEqualTo(port("node1"));
        assertThat(portOf(DatabaseClient.create(factory.using("node3")), PORT)).isEqualTo(port("node3"));
        assertThat(portOf(replicas, PORT)).isIn(port("node2"), port("node3"));
        assertThat(portOf(replicas, PORT + " /*+ route: primary */")).isEqualTo(port("node1"));
        assertThatThrownBy(() -> result(replicas.sql("DELETE FROM note_base WHERE false")
                        .fetch()
                        .rowsUpdated()))
                .hasRootCauseInstanceOf(WriteOnReplicaException.class);

        TransactionalOperator transactions =
                TransactionalOperator.create(new R2dbcTransactionManager(factory.replicas()));
        List<Integer> ports = result(Flux.concat(read(replicas, PORT), read(replicas, PORT))
                .as(transactions::transactional)
                .collectList());
        assertThat(ports).hasSize(2).allMatch(ports.get(0)::equals).doesNotContain(port("node1"));
        assertThatThrownBy(() -> result(replicas.sql("DELETE FROM note_base WHERE false")
                        .fetch()
                        .rowsUpdated()
                        .as(transactions::transactional)))
                .as("in a transaction the server judges")
                .hasStackTraceContaining("cannot execute DELETE in a read-only transaction");
        assertThat(factory.replicas().getMetadata().getName()).isEqualTo("PostgreSQL");
        assertThat(factory.isDisposed()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/*+ SeqScan(note) */ ", "/*+ anything else */ "})
    void shouldLeaveTheHintsOfOthersAlone(String comment) {
        assertThat(portOf(client, comment + PORT)).isIn(port("node2"), port("node3"));
    }

    private static int portOf(DatabaseClient on, String sql) {
        return result(read(on, sql));
    }

    private static Mono<Integer> read(DatabaseClient on, String sql) {
        return on.sql(sql)
                .map(row -> Objects.requireNonNull(row.get(0, Integer.class)))
                .one();
    }

    private static int port(String node) {
        return CLUSTER.cluster().nodes().stream()
                .filter(candidate -> candidate.name().equals(node))
                .findFirst()
                .orElseThrow()
                .port();
    }
}
