package io.github.r2dbcrouting.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.outlier.OutlierFinding;
import io.github.r2dbcrouting.outlier.OutlierSettings;
import io.github.r2dbcrouting.outlier.OutlierWatch;
import io.github.r2dbcrouting.selection.RoutingHints;
import io.github.r2dbcrouting.topology.NodeId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is observed of statements: what they cost, and what became of them on their nodes. */
class ObservedStatementTests {

    private final ScriptedDriver driver = new ScriptedDriver();
    private final RoutingConnection connection = driver.connect();
    private final RoutingConnection onR1 = driver.connect(RoutingHints.of(new NodeId("r1")));
    private final RoutingConnection onR2 = driver.connect(RoutingHints.of(new NodeId("r2")));
    private final AtomicInteger alarms = new AtomicInteger();

    ObservedStatementTests() {
        driver.outcomes.whenFailing(alarms::incrementAndGet);
    }

    @AfterEach
    void close() {
        driver.close();
    }

    private void read(String sql, long millis) {
        Signals read = Signals.rows(connection, sql);
        driver.pass(millis);
        driver.sent().answer(1);
        assertThat(read.completed).isTrue();
    }

    private boolean wasHeavy() {
        return driver.routes.get(driver.routes.size() - 1).decision().request().heavy();
    }

    private List<OutlierFinding> found() {
        return new OutlierWatch(OutlierSettings.defaults(), driver.outcomes)
                .look(driver.current(), 0)
                .findings();
    }

    @Test
    void shouldKnowAReadThatCostsMuchTheNextTime() {
        read("SELECT 1", 200);
        assertThat(wasHeavy()).isFalse();

        read("SELECT 1", 200);
        assertThat(wasHeavy()).isTrue();

        read("SELECT 2", 1);
        assertThat(wasHeavy()).isFalse();
    }

    @Test
    void shouldCountFaultsOfOneNodeInARow() {
        for (int i = 0; i < 6; i++) {
            Signals read = Signals.rows(connection, "SELECT 1");
            driver.pass(1);
            driver.sent().fail(ScriptedDriver.lost());
            driver.pass(1);
            driver.sent().fail(ScriptedDriver.lost());
            driver.pass(60);
            driver.sent().answer(1);
            assertThat(read.completed).isTrue();
        }
        assertThat(alarms.get()).isPositive();
        assertThat(found()).isNotEmpty();
    }

    /** The node has answered at once: the rest is up to whoever takes the rows. */
    @Test
    void shouldNotTakeTheTimeOfTheConsumerForThatOfTheNode() {
        OutlierWatch watch = new OutlierWatch(OutlierSettings.defaults(), driver.outcomes);
        List<OutlierFinding> found = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            Signals read = Signals.rows(i % 2 == 0 ? onR1 : onR2, "SELECT 1");
            driver.pass(1);
            driver.sent().result().row(1);
            if (i % 2 == 0) {
                driver.pass(200);
            }
            driver.sent().endResult().end();
            assertThat(read.completed).isTrue();
            found.addAll(watch.look(driver.current(), driver.time.now(TimeUnit.NANOSECONDS))
                    .findings());
        }
        assertThat(found).isEmpty();
    }

    @Test
    void shouldFindANodeThatTakesLongForItsFirstSign() {
        OutlierWatch watch = new OutlierWatch(OutlierSettings.defaults(), driver.outcomes);
        List<OutlierFinding> found = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            Signals.rows(i % 2 == 0 ? onR1 : onR2, "SELECT 1");
            driver.pass(i % 2 == 0 ? 200 : 1);
            driver.sent().answer(1);
            found.addAll(watch.look(driver.current(), driver.time.now(TimeUnit.NANOSECONDS))
                    .findings());
        }
        assertThat(found).isNotEmpty().allMatch(each -> each.node().name().equals("r1"));
    }

    /** Statements that fail after their first rows fail nevertheless. */
    @Test
    void shouldCountFaultsAfterTheFirstSign() {
        for (int i = 0; i < 10; i++) {
            Signals.rows(connection, "SELECT 1");
            driver.pass(1);
            driver.sent().result().row(1).failResult(ScriptedDriver.lost());
            driver.pass(1);
        }
        assertThat(found()).isNotEmpty();
    }

    @Test
    void shouldNotCountAgainstANodeThatItsPoolIsExhausted() {
        for (int i = 0; i < 100; i++) {
            Signals.rows(driver.connect(), "SELECT 1");
        }
        driver.pass(1_001);
        assertThat(driver.waiting()).isZero();
        assertThat(alarms).hasValue(0);
        assertThat(found()).isEmpty();
    }

    @Test
    void shouldNotCountWhatTheStatementIsAtFaultFor() {
        for (int i = 0; i < 20; i++) {
            Signals read = Signals.rows(connection, "SELECT 1");
            driver.sent().fail(new IllegalArgumentException("no such table"));
            assertThat(read.error).isNotNull();
            driver.pass(1);
        }
        assertThat(alarms).hasValue(0);
        assertThat(found()).isEmpty();
    }
}
