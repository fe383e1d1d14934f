package io.github.r2dbcrouting.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.Routing;
import io.github.r2dbcrouting.error.Explained;
import io.github.r2dbcrouting.error.InvalidHintException;
import io.github.r2dbcrouting.error.Problem;
import io.github.r2dbcrouting.error.WriteOnReplicaException;
import io.github.r2dbcrouting.selection.RoutingHints;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Result;
import java.util.function.Function;
import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.util.context.Context;

/** Hints that cannot be obeyed: what is an error, and that nothing was sent. */
class MisplacedStatementTests {

    private static final String WRITE = "INSERT INTO t VALUES (1)";

    private final ScriptedDriver driver = new ScriptedDriver();
    private final RoutingConnection connection = driver.connect();

    @AfterEach
    void close() {
        driver.close();
    }

    @Test
    void shouldFailAWriteThatHintsSendToAReplica() {
        assertUnsent(execute(connection, WRITE, Routing.replica()), WriteOnReplicaException.class)
                .isEqualTo("statement: is a write, but the hints ask for a replica; it was not sent, needed the primary"
                        + " for what writes; take out the hint, or mark only what reads with it");
        assertUnsent(execute(connection, WRITE, Routing.using("r1")), WriteOnReplicaException.class)
                .contains("is a write, but the named node r1 is not the primary; it was not sent");
        assertUnsent(execute(connection, WRITE + " /*+ route: replica */", same()), WriteOnReplicaException.class)
                .contains("the hints ask for a replica");
        RoutingConnection derived = driver.connect(RoutingHints.of(NodeRole.REPLICA));
        assertUnsent(execute(derived, WRITE, same()), WriteOnReplicaException.class)
                .contains("the hints ask for a replica");
    }

    @Test
    void shouldFailAWriteThatHintsSendToAReplicaThoughTheSessionHasWritten() {
        execute(connection, WRITE, same());
        driver.sent().answer();
        int sent = driver.routes.size();
        Signals write = execute(connection, WRITE, Routing.replica());
        assertThat(write.error).isInstanceOf(WriteOnReplicaException.class);
        assertThat(driver.routes).hasSize(sent);
    }

    @Test
    void shouldFailAStatementWhoseCommentNamesBothANodeAndARole() {
        assertUnsent(execute(connection, "SELECT 1 /*+ route: primary node=r1 */", same()), InvalidHintException.class)
                .contains("node");
    }

    @Test
    void shouldObeyTheFactorysWishesWhenItPinsWithoutAStatement() {
        RoutingConnection replicas = driver.connect(RoutingHints.of(NodeRole.REPLICA));
        assertThat(Signals.of(replicas.setAutoCommit(false)).error).isInstanceOf(WriteOnReplicaException.class);

        RoutingConnection named = driver.connect(RoutingHints.of(new NodeId("r2")));
        assertThat(Signals.of(named.pinned(NodeRole.REPLICA, Connection.class)).error)
                .isNull();
        assertThat(named).asString().contains("r2");
    }

    /** Several executions are not sent again, but the next time they go where they belong. */
    @Test
    void shouldKnowASeriesForAWriteOnceAReplicaHasRefusedIt() {
        String sql = "SELECT * FROM hidden_write";
        execute(connection, "SELECT 1", same());
        driver.sent().answer(1);
        Signals refused = Signals.of(
                Flux.from(connection.createStatement(sql).add().execute()).concatMap(Result::getRowsUpdated));
        driver.sent().fail(ScriptedDriver.readOnly());
        assertThat(refused.error).isNotNull();
        assertThat(driver.services.profiles().profile(sql).isRead()).isFalse();
    }

    @Test
    void shouldLeaveTheLastWordToTheServerInsideATransaction() {
        Signals.of(connection.beginTransaction());
        Signals write = execute(connection, WRITE, Routing.replica());
        driver.sent().answer(1);
        assertThat(write.error).isNull();
        assertThat(driver.sender().node).isEqualTo("p");

        RoutingConnection onReplica = driver.connect();
        Signals.of(onReplica.beginTransaction().contextWrite(Routing.replica()));
        Signals refused = execute(onReplica, WRITE, Routing.replica());
        assertThat(driver.sender().node).startsWith("r");
        driver.sent().fail(ScriptedDriver.readOnly());
        assertThat(refused.error).hasMessageContaining("the server is read-only");
    }

    @Test
    void shouldFailWhatAReplicaRefusesThatHintsHaveSentThere() {
        String sql = "SELECT unknown_to_all(2)";
        Signals refused = execute(connection, sql, Routing.replica());
        assertThat(driver.sender().node).startsWith("r");
        driver.sent().fail(ScriptedDriver.readOnly());
        assertThat(refused.error)
                .isInstanceOf(WriteOnReplicaException.class)
                .hasMessageContaining("was refused as a write by node r")
                .hasCauseInstanceOf(ScriptedDriver.readOnly().getClass());
        assertThat(driver.services.profiles().profile(sql).reason()).isEqualTo("refused by a read-only server");
        int sent = driver.routes.size();
        assertThat(execute(connection, sql, Routing.replica()).error)
                .isInstanceOf(WriteOnReplicaException.class)
                .hasNoCause();
        assertThat(driver.routes).hasSize(sent);
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldFailAReadThatANamedReplicaRefuses() {
        Signals refused = execute(connection, "SELECT * FROM view_that_writes", Routing.using("r2"));
        driver.sent().result().failResult(ScriptedDriver.readOnly());
        assertThat(refused.error)
                .isInstanceOf(WriteOnReplicaException.class)
                .hasMessageContaining("by node r2, to which hints have sent it");
        assertThat(driver.routes).hasSize(1);
    }

    @Test
    void shouldNameWhatACommentGotWrong() {
        Signals read = execute(connection, "SELECT 1 /*+ route: maxLag=soon */", same());
        assertUnsent(read, InvalidHintException.class)
                .isEqualTo("routing hint 'maxLag=soon' at character 21: cannot be read, needed 500ms, 2s, 1m"
                        + " or an ISO-8601 duration such as PT2S; correct the comment, or take it out");
        Problem problem = ((Explained) read.error).problems().get(0);
        assertThat(problem.subject()).isEqualTo("routing hint 'maxLag=soon' at character 21");
        assertUnsent(execute(connection, WRITE + " /*+ route: main */", same()), InvalidHintException.class)
                .contains("routing hint 'main'", "node=NAME");
    }

    @Test
    void shouldNameWhatACommentGotWrongInATransactionToo() {
        Signals.of(connection.beginTransaction());
        driver.routes.clear();
        assertUnsent(execute(connection, "SELECT 1 /*+ route: main */", same()), InvalidHintException.class)
                .contains("routing hint 'main'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"SELECT 1", WRITE})
    void shouldNameANodeOrARegionThatDoesNotExist(String sql) {
        assertUnsent(execute(connection, sql, Routing.using("r9")), InvalidHintException.class)
                .contains("no node is named 'r9'; use one of p, r1, r2");
        assertUnsent(execute(connection, sql + " /*+ route: node=\"r 9\" */", same()), InvalidHintException.class)
                .contains("no node is named 'r 9'");
        assertUnsent(execute(connection, sql, Routing.region("eu")), InvalidHintException.class)
                .contains("no node is in region 'eu'");
    }

    @Test
    void shouldRefuseStatementsOfABatchThatContradictEachOther() {
        Signals batch = Signals.of(Flux.from(connection
                .createBatch()
                .add("SELECT 1 /*+ route: primary */")
                .add("SELECT 2")
                .add("SELECT 3 /*+ route: replica */")
                .execute()));
        assertUnsent(batch, InvalidHintException.class)
                .contains("routing hint 'route' at the batch", "asks for different things");
    }

    private static Function<Context, Context> same() {
        return context -> context;
    }

    private static Signals execute(RoutingConnection connection, String sql, Function<Context, Context> hints) {
        return Signals.of(Flux.from(connection.createStatement(sql).execute())
                .concatMap(result -> result.map((row, metadata) -> row.get(0)))
                .contextWrite(hints));
    }

    private AbstractStringAssert<?> assertUnsent(Signals signals, Class<?> type) {
        assertThat(signals.error).isInstanceOf(type);
        assertThat(driver.routes).isEmpty();
        assertThat(driver.lent()).isLessThanOrEqualTo(1);
        return assertThat(signals.error.getMessage());
    }
}
