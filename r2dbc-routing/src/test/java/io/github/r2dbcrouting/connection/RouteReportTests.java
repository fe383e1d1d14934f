package io.github.r2dbcrouting.connection;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.r2dbcrouting.Routing;
import io.github.r2dbcrouting.selection.RouteDecision;
import io.r2dbc.spi.Option;
import io.r2dbc.spi.TransactionDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;

/** What is told of the way of a statement. */
class RouteReportTests {

    private final ScriptedDriver driver = new ScriptedDriver();
    private final RoutingConnection connection = driver.connect();
    private final List<RouteDecision> explained = new ArrayList<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger("io.github.r2dbcrouting.routes");
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeEach
    void listen() {
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void close() {
        logger.detachAppender(log);
        logger.setLevel(null);
        driver.close();
    }

    @Test
    void shouldExplainADecisionToWhoeverAsksForIt() {
        execute("SELECT 1", explained::add);
        driver.sent().answer(1);
        Signals.rows(connection, "SELECT 1");
        assertThat(explained).hasSize(1);
        assertThat(explained.get(0).toString())
                .startsWith("READ -> r1: an eligible replica | p primary: reads prefer replicas | r2 eligible");
    }

    @Test
    void shouldExplainWhichPinAStatementIsBoundTo() {
        execute("INSERT INTO t VALUES (1)", explained::add);
        driver.sent().answer();
        execute("SELECT 1", explained::add);
        driver.sent().answer(1);
        execute("SET x = 1", explained::add);
        driver.sent().answer();
        execute("SELECT 2", explained::add);
        driver.sent().answer(2);
        Signals.of(connection.beginTransaction());
        execute("SELECT 3", explained::add);
        assertThat(explained.stream().map(RouteDecision::reason))
                .containsExactly(
                        "a write",
                        "pinned: an earlier write",
                        "pinned: an earlier write",
                        "pinned: what an earlier statement left in the session",
                        "pinned: a transaction");
        assertThat(explained.get(1))
                .hasToString("READ -> p: pinned: an earlier write | r1 not asked: the connection is pinned"
                        + " | r2 not asked: the connection is pinned");
    }

    @Test
    void shouldExplainThatAReadOnlyTransactionKeepsAStatementOnItsReplica() {
        Signals.of(connection.beginTransaction(new TransactionDefinition() {
            @Override
            @SuppressWarnings("unchecked")
            public <T> T getAttribute(Option<T> option) {
                return option.equals(TransactionDefinition.READ_ONLY) ? (T) Boolean.TRUE : null;
            }
        }));
        execute("SELECT 1", explained::add);
        assertThat(explained.get(0).reason()).isEqualTo("pinned: a read-only transaction");
        assertThat(explained.get(0).node().id().name()).startsWith("r");
    }

    @Test
    void shouldSendAStatementWhoseConsumerOfExplanationsThrows() {
        Signals read = execute("SELECT 1", decision -> {
            throw new AssertionError("expected another node");
        });
        driver.sent().answer(1);
        assertThat(read.values).containsExactly(1);
    }

    @Test
    void shouldLogEachDecisionInALineAtDebugWithoutTheLiteralsOfTheText() {
        logger.setLevel(Level.DEBUG);
        execute("SELECT 1", null);
        driver.sent().answer(1);
        execute("ALTER ROLE app\n PASSWORD 'secret'", null);
        assertThat(log.list).hasSize(2);
        assertThat(log.list.get(0).getFormattedMessage()).startsWith("SELECT 1: READ -> r1: an eligible replica | p ");
        assertThat(log.list.get(1).getFormattedMessage())
                .startsWith("ALTER ROLE app PASSWORD …: ")
                .doesNotContain("secret");
    }

    @Test
    void shouldLogNothingUnlessAtDebug() {
        logger.setLevel(Level.INFO);
        execute("SELECT 1", explained::add);
        assertThat(explained).hasSize(1);
        assertThat(log.list).isEmpty();
    }

    private Signals execute(String sql, Consumer<RouteDecision> explain) {
        Flux<Object> rows = Flux.from(connection.createStatement(sql).execute())
                .concatMap(result -> result.map((row, metadata) -> row.get(0)));
        return Signals.of(explain == null ? rows : rows.contextWrite(Routing.explain(explain)));
    }
}
