package io.github.r2dbcrouting.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.topology.NodeId;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Sinks;

/** What the live numbers of a node show of what is given to it: how much there is, and how fast it answers. */
class NodeNumbersTests {

    private static final NodeId R1 = new NodeId("r1");
    private static final NodeId R2 = new NodeId("r2");

    private final ScriptedDriver driver = new ScriptedDriver();
    private final RoutingConnection connection = driver.connect();

    @AfterEach
    void close() {
        driver.close();
    }

    @Test
    void shouldCountAReadUntilItsLastRow() {
        Signals.rows(connection, "select 1");
        assertThat(driver.inFlight(R1)).isEqualTo(1);
        driver.sent().result().row(1);
        assertThat(driver.inFlight(R1)).isEqualTo(1);
        driver.sent().endResult().end();
        assertThat(driver.inFlight(R1)).isZero();
        assertThat(driver.inFlight(R2)).isZero();
    }

    @Test
    void shouldCountReadsThatShareAConnectionEachForItself() {
        Signals.rows(connection, "select 1");
        ScriptedExecution first = driver.sent();
        Signals.rows(connection, "select 2");
        assertThat(driver.lent()).isEqualTo(1);
        assertThat(driver.inFlight(R1)).isEqualTo(2);
        first.answer(1);
        assertThat(driver.inFlight(R1)).isEqualTo(1);
        driver.sent().answer(2);
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldTakeTheTimeUntilTheFirstSign() {
        Signals.rows(connection, "select 1");
        driver.pass(7);
        driver.sent().result();
        assertLatency(R1, 7);
        driver.pass(500);
        driver.sent().row(1).endResult().end();
        assertThat(driver.loads.of(R1).latencyNanos())
                .isLessThan(Duration.ofMillis(7).toNanos());
        assertThat(driver.loads.of(R2).latencyNanos()).isZero();
    }

    @Test
    void shouldTakeTheTimeOfAWriteToo() {
        Signals.update(connection, "insert into t values (1)");
        driver.pass(9);
        driver.sent().answer();
        assertLatency(ScriptedDriver.PRIMARY, 9);
    }

    @Test
    void shouldCountWhoWaitsForAConnectionAndTakeTheTimeThatHeWaits() {
        for (int i = 0; i < 5; i++) {
            Signals.rows(driver.connect(), "select 1");
        }
        assertThat(driver.waiting()).isEqualTo(1);
        assertThat(driver.inFlight(R1)).isEqualTo(3);
        ScriptedConnection first = driver.open(R1).get(0);
        driver.pass(20);
        first.last().answer(1);
        assertThat(driver.waiting()).isZero();
        assertThat(driver.inFlight(R1)).isEqualTo(2);
        driver.pass(20);
        first.last().answer(1);
        assertLatency(R1, 40);
        driver.open(R1).get(1).last().answer(1);
        driver.open(R2).forEach(each -> each.last().answer(1));
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldNotCountWhoHasGivenUpWaiting() {
        Sinks.Empty<Void> opened = Sinks.empty();
        driver.opening = opened.asMono();
        Signals read = Signals.rows(connection, "select 1");
        assertThat(driver.inFlight(R1)).isEqualTo(1);
        driver.pass(30);
        read.cancel();
        assertThat(driver.inFlight(R1)).isZero();
        assertLatency(R1, 30);
        opened.tryEmitEmpty();
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldCountARefusedConnectionAsAFailureOfTheNode() {
        driver.unreachable.add("r1");
        Signals.rows(connection, "select 1");
        assertThat(driver.inFlight(R1)).isZero();
        assertThat(driver.inFlight(R2)).isEqualTo(1);
        assertLatency(R1, 100);
        driver.sent().answer(1);
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldCountALostConnectionAsAFailureOfTheNodeAndTheReadWhereItRunsAgain() {
        Signals read = Signals.rows(connection, "select 1");
        driver.sent().fail(ScriptedDriver.lost());
        assertThat(driver.inFlight(R1)).isZero();
        assertThat(driver.inFlight(R2)).isEqualTo(1);
        assertLatency(R1, 100);
        driver.pass(3);
        driver.sent().answer(1);
        assertThat(read.completed).isTrue();
        assertLatency(R2, 3);
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldTakeAnErrorOfTheStatementForAnAnswer() {
        Signals read = Signals.rows(connection, "select nonsense");
        driver.pass(4);
        driver.sent().fail(new IllegalStateException("no such column"));
        assertThat(read.error).isNotNull();
        assertLatency(R1, 4);
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldCountWhatIsCancelledUntilItIsDrainedAndItsTimeWhereItIsLong() {
        Signals read = Signals.rows(connection, "select 1");
        driver.pass(50);
        read.cancel();
        assertThat(driver.inFlight(R1)).isEqualTo(1);
        assertLatency(R1, 50);
        driver.pass(40);
        driver.sent().answer(1);
        assertLatency(R1, 90);
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldNotCountForEverWhatNobodyConsumesOnAConnectionThatIsDropped() {
        for (int i = 0; i < 2; i++) {
            Signals.of(connection.createStatement("select " + i).execute());
            driver.sent().result();
        }
        assertThat(driver.inFlight(R1)).isEqualTo(2);
        Signals.of(connection.close());
        driver.pass(1_000);
        assertThat(driver.inFlight(R1)).isZero();
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldCountATransactionForAsLongAsItHasAConnection() {
        Signals.of(connection.beginTransaction());
        assertThat(driver.inFlight(ScriptedDriver.PRIMARY)).isEqualTo(1);
        Signals.update(connection, "insert into t values (1)");
        assertThat(driver.inFlight(ScriptedDriver.PRIMARY)).isEqualTo(2);
        driver.sent().answer();
        assertThat(driver.inFlight(ScriptedDriver.PRIMARY)).isEqualTo(1);
        Signals.of(connection.commitTransaction());
        Signals.of(connection.close());
        assertThat(driver.inFlight(ScriptedDriver.PRIMARY)).isZero();
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldNotTakeTheTimeOfTheUserForThatOfTheNode() {
        Signals.of(connection.beginTransaction());
        driver.pass(3_000);
        Signals.update(connection, "insert into t values (1)");
        driver.pass(2);
        driver.sent().answer();
        assertLatency(ScriptedDriver.PRIMARY, 2);
    }

    @Test
    void shouldTakeTheTimeThatATransactionWaitsForAConnection() {
        Sinks.Empty<Void> opened = Sinks.empty();
        driver.opening = opened.asMono();
        Signals.of(connection.beginTransaction());
        driver.pass(30);
        opened.tryEmitEmpty();
        assertLatency(ScriptedDriver.PRIMARY, 30);
    }

    @Test
    void shouldConcludeNothingOfTheNodeFromAPoolThatIsExhausted() {
        for (int i = 0; i < 5; i++) {
            Signals.rows(driver.connect(), "select 1");
        }
        assertThat(driver.waiting()).isEqualTo(1);
        driver.pass(1_001);
        assertThat(driver.waiting()).isZero();
        assertLatency(R1, 0);
        assertLatency(R2, 0);
    }

    private void assertLatency(NodeId node, long milliseconds) {
        assertThat(Duration.ofNanos(driver.loads.of(node).latencyNanos())).isEqualTo(Duration.ofMillis(milliseconds));
    }
}
