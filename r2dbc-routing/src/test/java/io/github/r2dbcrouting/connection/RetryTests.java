package io.github.r2dbcrouting.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.Routing;
import io.github.r2dbcrouting.error.OutcomeUnknownException;
import io.github.r2dbcrouting.error.RetryRefusedException;
import io.github.r2dbcrouting.retry.RetryCounts;
import io.github.r2dbcrouting.settings.RetrySettings;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeRole;
import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.Result;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;

/** When, how often and how much is sent again. The randomness is one half. */
class RetryTests {

    private static final String INSERT = "INSERT INTO item VALUES (1)";

    private ScriptedDriver driver = new ScriptedDriver();
    private RoutingConnection connection = driver.connect();

    @AfterEach
    void close() {
        driver.close();
    }

    @Test
    void shouldReadElsewhereAtOnceAndThenOnThePrimaryAfterAPause() {
        Signals read = Signals.rows(connection, "SELECT 1");
        lose();
        assertThat(driver.routes).as("at once").hasSize(2);
        lose();
        driver.pass(24);
        assertThat(driver.routes).hasSize(2);
        assertThat(driver.lent()).as("nothing is held during the pause").isZero();
        driver.pass(1);
        assertThat(driver.routes.get(2).node()).isEqualTo(ScriptedDriver.PRIMARY);
        driver.sent().answer(1);
        assertThat(read.values).containsExactly(1);
        assertThat(read.completed).isTrue();
        assertThat(driver.retries()).isEqualTo(new RetryCounts(2, 0, 0, 0));
    }

    @Test
    void shouldPauseForLongerWithEachRetryUpToTheLongest() {
        set(5, Duration.ofSeconds(10), 1_000);
        Signals.rows(connection, "SELECT 1");
        lose();
        for (long pause : new long[] {25, 50, 100, 100}) {
            int before = driver.routes.size();
            lose();
            driver.pass(pause - 1);
            assertThat(driver.routes).hasSize(before);
            driver.pass(1);
            assertThat(driver.routes).hasSize(before + 1);
        }
    }

    @Test
    void shouldSendNothingAgainAfterTheDeadline() {
        set(5, Duration.ofMillis(60), 1_000);
        Signals read = Signals.rows(connection, "SELECT 1");
        lose();
        lose();
        driver.pass(25);
        lose();
        assertThat(read.error).hasMessage("the connection is gone");
        assertThat(driver.routes).hasSize(3);
        assertThat(driver.retries()).isEqualTo(new RetryCounts(2, 0, 0, 1));
    }

    @Test
    void shouldCountTheDeadlineFromTheFirstFault() {
        set(1, Duration.ofMillis(60), 1_000);
        Signals read = Signals.rows(connection, "SELECT 1");
        driver.pass(500);
        lose();
        driver.sent().answer(1);
        assertThat(read.completed).isTrue();
    }

    @Test
    void shouldSendNothingAgainWhereRetriesAreOff() {
        set(0, Duration.ofSeconds(10), 1_000);
        Signals read = Signals.rows(connection, "SELECT 1");
        lose();
        assertThat(read.error).hasMessage("the connection is gone").hasNoSuppressedExceptions();
        assertThat(driver.retries()).isEqualTo(new RetryCounts(0, 0, 0, 1));
    }

    @Test
    void shouldStillSendARefusedWriteToThePrimaryWhereRetriesAreOff() {
        set(0, Duration.ofSeconds(10), 1_000);
        Signals read = Signals.rows(connection, "SELECT 1");
        driver.sent().result().failResult(ScriptedDriver.readOnly());
        driver.sent().answer(1);
        assertThat(read.completed).isTrue();
        assertThat(driver.retries()).isEqualTo(new RetryCounts(0, 0, 0, 0));
    }

    @Test
    void shouldFailWithTheErrorOfTheNodeAndANoteWhenTheBudgetIsSpent() {
        set(2, Duration.ofSeconds(10), 1);
        for (int i = 0; i < 10; i++) {
            Signals.rows(driver.connect(), "SELECT 1");
            lose();
            driver.sent().answer(1);
        }
        Signals read = Signals.rows(connection, "SELECT 1");
        lose();
        assertThat(read.error).hasMessage("the connection is gone");
        assertThat(read.error.getSuppressed())
                .singleElement()
                .isInstanceOf(RetryRefusedException.class)
                .asString()
                .contains("not sent again: the retry budget is spent, 1 a second and 0 % of the statements; ");
        assertThat(driver.retries()).isEqualTo(new RetryCounts(10, 0, 1, 0));
        assertThat(driver.lent()).isZero();
        driver.pass(1_000);
        Signals.rows(connection, "SELECT 1");
        lose();
        driver.sent().answer(1);
        assertThat(driver.retries().sent()).isEqualTo(11);
    }

    @Test
    void shouldPayNothingForWhatWasNeverSent() {
        set(2, Duration.ofSeconds(10), 1);
        for (int i = 0; i < 12; i++) {
            Signals read = Signals.rows(driver.connect(), "SELECT 1");
            driver.sent().fail(ScriptedDriver.unsent());
            driver.sent().answer(1);
            assertThat(read.completed).isTrue();
        }
        assertThat(driver.retries()).isEqualTo(new RetryCounts(12, 12, 0, 0));
    }

    @Test
    void shouldReleaseEverythingWhenCancelledDuringThePause() {
        Signals read = Signals.rows(connection, "SELECT 1");
        lose();
        lose();
        read.cancel();
        driver.pass(1_000);
        assertThat(driver.routes).hasSize(2);
        assertThat(read.isOver()).isFalse();
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldReleaseEverythingWhenItsSequenceIsCancelledDuringThePause() {
        Signals read = Signals.of(connection.createStatement("SELECT 1").execute());
        driver.sent().fail(ScriptedDriver.lost());
        driver.sent().fail(ScriptedDriver.lost());
        read.cancel();
        driver.pass(1_000);
        assertThat(driver.routes).hasSize(2);
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldTellTheFirstFaultWithWhatKeptTheRetryFromBeingSent() {
        Signals read = Signals.rows(connection, "SELECT 1");
        driver.unreachable.addAll(List.of("p", "r1", "r2"));
        Throwable first = ScriptedDriver.lost();
        driver.sent().result().failResult(first);
        driver.pass(2_100);
        assertThat(read.error).isNotSameAs(first).hasMessageContaining("the connection is gone");
        assertThat(read.error.getSuppressed()).containsExactly(first);
    }

    @Test
    void shouldNotSendAWriteAgainWhoseOutcomeIsUnknown() {
        Signals write = Signals.update(connection, INSERT);
        lose();
        assertThat(write.error).isInstanceOf(OutcomeUnknownException.class);
        assertThat(driver.routes).hasSize(1);
        assertThat(driver.retries()).isEqualTo(new RetryCounts(0, 0, 0, 0));
    }

    @Test
    void shouldSendAnIdempotentWriteAgainWhoseOutcomeIsUnknown() {
        Signals write = idempotent();
        lose();
        assertThat(driver.connections).hasSize(2);
        driver.sent().result().endResult().end();
        assertThat(write.error).isNull();
        assertThat(write.completed).isTrue();
        assertThat(driver.admitted).as("the gate is asked again").hasSizeGreaterThanOrEqualTo(3);
        connection.close().subscribe();
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldSendAnIdempotentWriteAgainThatFailsBeforeItsResult() {
        Signals write = idempotent();
        driver.sent().fail(ScriptedDriver.lost());
        driver.sent().answer();
        assertThat(write.completed).isTrue();
    }

    @Test
    void shouldHoldAnIdempotentWriteUntilThereIsAPrimaryAgain() {
        Signals write = idempotent();
        driver.publish(ScriptedDriver.node("r1", NodeRole.REPLICA), ScriptedDriver.node("r2", NodeRole.REPLICA));
        lose();
        driver.pass(1_000);
        assertThat(write.isOver()).isFalse();
        driver.publish(ScriptedDriver.node("r1", NodeRole.PRIMARY), ScriptedDriver.node("r2", NodeRole.REPLICA));
        assertThat(driver.sender().node).isEqualTo("r1");
        driver.sent().answer();
        assertThat(write.completed).isTrue();
    }

    @Test
    void shouldSendAnIdempotentWriteToThePrimaryThatFollowsOneThatHasBecomeReadOnly() {
        Signals write = idempotent();
        driver.publish(
                ScriptedDriver.node("p", NodeRole.REPLICA, NodeHealth.HEALTHY, 0, 2, 2_000),
                ScriptedDriver.node("r1", NodeRole.PRIMARY));
        driver.sent().result().failResult(ScriptedDriver.readOnly());
        assertThat(driver.sender().node).isEqualTo("r1");
        driver.sent().answer();
        assertThat(write.completed).isTrue();
    }

    @Test
    void shouldSayThatTheOutcomeIsUnknownWhenAnIdempotentWriteFailsForGood() {
        Signals write = idempotent();
        lose();
        lose();
        driver.pass(25);
        lose();
        assertThat(write.error).isInstanceOf(OutcomeUnknownException.class);
        assertThat(driver.retries()).isEqualTo(new RetryCounts(2, 0, 0, 1));
    }

    @Test
    void shouldSendNothingAgainInATransaction() {
        Signals.of(connection.beginTransaction());
        Signals write = idempotent();
        lose();
        assertThat(write.error).isInstanceOf(R2dbcException.class);
        assertThat(driver.routes).hasSize(2);
    }

    @Test
    void shouldSendNothingAgainOnASessionThatWasChanged() {
        Signals set = Signals.update(connection, "SET search_path TO other");
        driver.sent().answer();
        assertThat(set.completed).isTrue();
        Signals write = idempotent();
        lose();
        assertThat(write.error).isInstanceOf(OutcomeUnknownException.class);
        assertThat(driver.routes).hasSize(2);
    }

    @Test
    void shouldSendNothingAgainForAWriteThatIsAtFaultItself() {
        Signals write = idempotent();
        driver.sent().result().failResult(new IllegalArgumentException("no such table"));
        assertThat(write.error).hasMessage("no such table");
        assertThat(driver.routes).hasSize(1);
    }

    private void lose() {
        driver.sent().result().failResult(ScriptedDriver.lost());
    }

    private Signals idempotent() {
        return Signals.of(Flux.from(connection.createStatement(INSERT).execute())
                .concatMap(Result::getRowsUpdated)
                .contextWrite(Routing.idempotent()));
    }

    private void set(int retries, Duration deadline, int perSecond) {
        driver.close();
        RetrySettings usual = ScriptedDriver.RETRIES;
        driver = new ScriptedDriver(
                new RetrySettings(
                        retries,
                        usual.firstBackoff(),
                        usual.longestBackoff(),
                        deadline,
                        perSecond,
                        0,
                        usual.fallback()),
                2);
        connection = driver.connect();
    }
}
