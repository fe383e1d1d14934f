package io.github.r2dbcrouting.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.services.AbandonedExchanges;
import io.github.r2dbcrouting.topology.NodeRole;
import io.r2dbc.spi.Result;
import io.r2dbc.spi.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

/** What becomes of an exchange that was cancelled, step by step, and when its connection goes back. */
class AbandonmentTests {

    private final ScriptedDriver driver = new ScriptedDriver();
    private final RoutingConnection connection = driver.connect();

    @AfterEach
    void close() {
        driver.close();
    }

    @Test
    void shouldDrainWhatIsCancelledAndNotTellTheDriver() {
        Signals read = cancelledAfterARow();
        assertThat(driver.sent().isCancelled()).isFalse();
        assertThat(driver.lent()).isEqualTo(1);
        driver.sent().row("unwanted").endResult();
        assertThat(driver.lent()).isEqualTo(1);
        driver.sent().end();
        assertThat(driver.lent()).isZero();
        assertThat(read.values).containsExactly("wanted");
        assertThat(driver.sender().isOpen()).isTrue();
        assertThat(driver.abandoned()).isEqualTo(new AbandonedExchanges(1, 0, 0));
    }

    @Test
    void shouldCancelAReadAtTheServerWhenItsTimeIsUp() {
        cancelledAfterARow();
        driver.pass(799);
        assertThat(driver.dialect.cancelled).isEmpty();
        driver.pass(101);
        assertThat(driver.dialect.cancelled).containsExactly(driver.sender());
        assertThat(driver.lent()).isEqualTo(1);
        driver.sent().failResult(new IllegalStateException("cancelled by its user"));
        assertThat(driver.lent()).isZero();
        assertThat(driver.sender().isOpen()).isTrue();
        assertThat(driver.abandoned()).isEqualTo(new AbandonedExchanges(0, 1, 0));
        driver.pass(20_000);
        assertThat(driver.dialect.cancelled).hasSize(1);
        assertThat(driver.sender().isOpen()).isTrue();
    }

    @Test
    void shouldCancelAReadAtTheServerThatHasTooManyRowsLeft() {
        cancelledAfterARow();
        driver.sent().row(1).row(2);
        assertThat(driver.dialect.cancelled).isEmpty();
        driver.sent().row(3);
        assertThat(driver.dialect.cancelled).hasSize(1);
        driver.sent().row(4).row(5).row(6).endResult().end();
        assertThat(driver.dialect.cancelled).hasSize(1);
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldHoldTheConnectionUntilTheRequestToCancelHasEnded() {
        Sinks.Empty<Void> request = Sinks.empty();
        driver.dialect.cancelAnswer = request.asMono();
        cancelledAfterARow();
        driver.pass(900);
        driver.sent().endResult().end();
        assertThat(driver.lent()).isEqualTo(1);
        request.tryEmitEmpty();
        assertThat(driver.lent()).isZero();
        assertThat(driver.sender().isOpen()).isTrue();
    }

    @Test
    void shouldDropTheConnectionOfAReadThatNoCancelEnds() {
        cancelledAfterARow();
        driver.pass(900);
        driver.pass(4_000);
        assertThat(driver.sender().isOpen()).isTrue();
        driver.pass(2_000);
        assertThat(driver.sender().isOpen()).isFalse();
        assertThat(driver.lent()).isZero();
        assertThat(driver.abandoned()).isEqualTo(new AbandonedExchanges(0, 0, 1));
    }

    @Test
    void shouldDropTheConnectionWhenTheRequestToCancelFailed() {
        Sinks.Empty<Void> request = Sinks.empty();
        driver.dialect.cancelAnswer = request.asMono();
        cancelledAfterARow();
        driver.pass(900);
        request.tryEmitError(ScriptedDriver.lost());
        assertThat(driver.sender().isOpen()).isFalse();
        assertThat(driver.lent()).isZero();
    }

    /** The request may still arrive, at whatever the next borrower runs. */
    @Test
    void shouldDropTheConnectionWhenTheRequestToCancelFailedAfterTheEndOfTheRead() {
        Sinks.Empty<Void> request = Sinks.empty();
        driver.dialect.cancelAnswer = request.asMono();
        cancelledAfterARow();
        driver.pass(900);
        driver.sent().endResult().end();
        request.tryEmitError(ScriptedDriver.lost());
        assertThat(driver.sender().isOpen()).isFalse();
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldDropTheConnectionOfAWriteAndNeverCancelItAtTheServer() {
        Signals write = Signals.update(connection, "INSERT INTO item VALUES (1)");
        write.cancel();
        connection.close().subscribe();
        driver.pass(799);
        assertThat(driver.sender().isOpen()).isTrue();
        driver.pass(101);
        assertThat(driver.sender().isOpen()).isFalse();
        assertThat(driver.dialect.cancelled).isEmpty();
        assertThat(driver.lent()).isZero();
        assertThat(driver.abandoned()).isEqualTo(new AbandonedExchanges(0, 0, 1));
    }

    @Test
    void shouldLeaveAnAbandonedWriteOfAPinAloneWhileItsOwnerGoesOn() {
        Signals write = Signals.update(connection, "INSERT INTO item VALUES (1)");
        write.cancel();
        driver.pass(10_000);
        assertThat(driver.sender().isOpen()).isTrue();
        driver.sent().answer();
        assertThat(driver.abandoned()).isEqualTo(new AbandonedExchanges(1, 0, 0));
        connection.close().subscribe();
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldSendNoOtherReadBehindOneThatNobodyWants() {
        cancelledAfterARow();
        ScriptedConnection busy = driver.sender();
        Signals next = Signals.rows(connection, "SELECT 2");
        assertThat(busy.executions).hasSize(1);
        assertThat(driver.lent()).isEqualTo(2);
        driver.sent().answer(2);
        assertThat(next.values).containsExactly(2);
        assertThat(driver.lent()).isEqualTo(1);
    }

    @Test
    void shouldSendAnotherReadBehindOneThatIsWanted() {
        Signals.rows(connection, "SELECT 1");
        Signals.rows(connection, "SELECT 2");
        assertThat(driver.lent()).isEqualTo(1);
        assertThat(driver.sender().executions).hasSize(2);
        assertThat(driver.routes).hasSize(2);
        driver.sender().executions.get(0).answer(1);
        assertThat(driver.lent()).isEqualTo(1);
        driver.sender().executions.get(1).answer(2);
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldNotCancelAtTheServerWhileSomebodyWaitsForAnotherReadOnTheSameConnection() {
        Signals unwanted = Signals.rows(connection, "SELECT 1");
        Signals wanted = Signals.rows(connection, "SELECT 2");
        unwanted.cancel();
        driver.sender().executions.get(0).result().row(1).row(2).row(3).row(4);
        driver.pass(5_000);
        assertThat(driver.dialect.cancelled).isEmpty();
        driver.sender().executions.get(1).answer("wanted");
        assertThat(wanted.values).containsExactly("wanted");
        driver.pass(5_000);
        assertThat(driver.dialect.cancelled).hasSize(1);
    }

    @Test
    void shouldSendNothingForOneWhoHasGoneBeforeAConnectionCame() {
        Sinks.Empty<Void> opened = Sinks.empty();
        driver.opening = opened.asMono();
        Signals read = Signals.rows(connection, "SELECT 1");
        read.cancel();
        opened.tryEmitEmpty();
        assertThat(driver.connections)
                .singleElement()
                .satisfies(late -> assertThat(late.executions).isEmpty());
        assertThat(driver.lent()).isZero();
        assertThat(driver.abandoned()).isEqualTo(new AbandonedExchanges(0, 0, 0));
    }

    @Test
    void shouldWaitNoLongerThanItsTaker() {
        driver.publish(ScriptedDriver.node("r1", NodeRole.REPLICA));
        Signals.rows(driver.connect(), "SELECT 1");
        Signals.rows(driver.connect(), "SELECT 2");
        Signals read = Signals.rows(connection, "SELECT 3");
        assertThat(driver.waiting()).isEqualTo(1);
        read.cancel();
        assertThat(driver.waiting()).isZero();
    }

    @Test
    void shouldDropAConnectionThatIsLostWhileAResultIsDrained() {
        Signals read = Signals.rows(connection, "SELECT 1");
        read.cancel();
        driver.sent().result().failResult(ScriptedDriver.lost());
        assertThat(driver.sender().isOpen()).isFalse();
        assertThat(driver.suspected).hasSize(1);
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldDrainResultsThatComeAfterTheSequenceWasCancelled() {
        Signals read = Signals.rows(connection, "SELECT 1");
        read.cancel();
        assertThat(driver.sent().requested()).isEqualTo(Long.MAX_VALUE);
        driver.sent().result().row(1);
        assertThat(driver.sent().unconsumed()).isZero();
        driver.sent().endResult();
        assertThat(driver.lent()).isEqualTo(1);
        driver.sent().end();
        assertThat(driver.lent()).isZero();
    }

    /** To consume it would execute it. */
    @Test
    void shouldNotConsumeAResultThatNobodyWantsWhereThatSendsTheStatement() {
        driver.dialect.sendsWhenConsumed = true;
        Signals.rows(connection, "SELECT 0");
        driver.sent().answer(0);
        Signals read =
                Signals.of(connection.createStatement("SELECT $1").bind(0, 1).execute());
        read.cancel();
        driver.sent().result();
        assertThat(driver.sent().unconsumed()).isEqualTo(1);
        driver.sent().end();
        assertThat(driver.lent()).isZero();
        Signals text = Signals.of(connection.createStatement("SELECT 1").execute());
        text.cancel();
        driver.sent().result();
        assertThat(driver.sent().unconsumed()).isZero();
    }

    /** To drain it would execute what nobody has asked for yet. */
    @Test
    void shouldCancelASeriesAtTheDriverAndNotLendItsConnectionAgain() {
        Signals.rows(connection, "SELECT 0");
        driver.sent().answer(0);
        Statement series =
                connection.createStatement("SELECT $1").bind(0, 1).add().bind(0, 2);
        Signals read = Signals.of(Flux.from(series.execute()).concatMap(Result::getRowsUpdated));
        driver.sent().result().endResult();
        assertThat(read.values).hasSize(1);
        read.cancel();
        assertThat(driver.sent().isCancelled()).isTrue();
        assertThat(driver.sender().isOpen()).isFalse();
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldGoOnWithRowsAfterTheSequenceWasCancelled() {
        List<Result> results = new ArrayList<>();
        Flux.from(connection.createStatement("SELECT 1").execute()).take(1).subscribe(results::add);
        driver.sent().result();
        Signals rows = Signals.of(results.get(0).map((row, metadata) -> row.get(0)));
        driver.sent().row(1);
        driver.pass(10_000);
        driver.sent().row(2).endResult().end();
        assertThat(rows.values).containsExactly(1, 2);
        assertThat(rows.completed).isTrue();
        assertThat(driver.lent()).isZero();
        assertThat(driver.dialect.cancelled).isEmpty();
        assertThat(driver.abandoned()).isEqualTo(new AbandonedExchanges(0, 0, 0));
    }

    @Test
    void shouldDropTheConnectionOfAResultThatNobodyConsumesOnceItsVirtualConnectionIsClosed() {
        Signals.of(connection.createStatement("SELECT 1").execute());
        driver.sent().result().end();
        connection.close().subscribe();
        driver.pass(799);
        assertThat(driver.lent()).isEqualTo(1);
        driver.pass(101);
        assertThat(driver.lent()).isZero();
        assertThat(driver.sender().isOpen()).isFalse();
    }

    @Test
    void shouldDropAllThatNobodyConsumesOnceItsVirtualConnectionIsClosed() {
        ScriptedConnection first = unconsumed();
        Signals.rows(connection, "SELECT 2");
        driver.sent().answer(2);
        setAnew();
        ScriptedConnection last = unconsumed();
        assertThat(last).isNotSameAs(first);
        assertThat(driver.lent()).isEqualTo(2);
        connection.close().subscribe();
        driver.pass(900);
        assertThat(first.isOpen()).isFalse();
        assertThat(last.isOpen()).isFalse();
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldDrainWhatIsCancelledWhileItIsSent() {
        Sinks.Empty<Void> opened = Sinks.empty();
        driver.opening = opened.asMono();
        Signals read = Signals.rows(connection, "SELECT 1");
        driver.whileSending = read::cancel;
        opened.tryEmitEmpty();
        assertThat(driver.sent().requested()).isEqualTo(Long.MAX_VALUE);
        driver.sent().answer(1);
        assertThat(read.values).isEmpty();
        assertThat(driver.lent()).isZero();
        assertThat(driver.sender().isOpen()).isTrue();
    }

    private ScriptedConnection unconsumed() {
        Signals.of(connection.createStatement("SELECT 1").execute());
        driver.sent().result().end();
        ScriptedConnection sender = driver.sender();
        setAnew();
        return sender;
    }

    /** So that the next read takes another connection. */
    private void setAnew() {
        connection.setStatementTimeout(Duration.ofSeconds(1)).subscribe();
    }

    private Signals cancelledAfterARow() {
        Signals read = Signals.rows(connection, "SELECT 1");
        driver.sent().result().row("wanted");
        read.cancel();
        return read;
    }
}
