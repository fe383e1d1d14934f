package io.github.r2dbcrouting.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.ReadOnly;
import io.github.r2dbcrouting.Routing;
import io.github.r2dbcrouting.error.FallbackRefusedException;
import io.github.r2dbcrouting.retry.FallbackReads;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

/** Reads that no replica can serve: two at a time on the primary, whose pool has room for three, and two that wait 1 s. */
class FallbackTests {

    private final ScriptedDriver driver = new ScriptedDriver(ScriptedDriver.RETRIES, 3);
    private final List<Signals> reads = new ArrayList<>();

    @BeforeEach
    void loseTheReplicas() {
        driver.publish(primary(), unhealthy("r1"), unhealthy("r2"));
    }

    @AfterEach
    void close() {
        driver.close();
    }

    @Test
    void shouldLetOnlySoManyReadsOntoThePrimary() {
        read(4);
        assertThat(driver.routes).hasSize(2);
        assertThat(driver.fallbackReads()).isEqualTo(new FallbackReads(2, 2, 2, 2, 2, 0));
        driver.connections.get(0).last().answer(1);
        assertThat(driver.routes).hasSize(3);
        assertThat(driver.fallbackReads()).isEqualTo(new FallbackReads(2, 1, 2, 2, 3, 0));
        answerAll();
        assertThat(reads).allMatch(read -> read.completed);
        assertNothingIsLeft();
    }

    @Test
    void shouldServeThemInTheOrderInWhichTheyCame() {
        read(4);
        driver.connections.get(0).last().answer(1);
        driver.connections.get(0).last().answer(2);
        assertThat(reads.get(2).completed).isTrue();
        assertThat(reads.get(3).completed).isFalse();
    }

    @Test
    void shouldKeepAConnectionForWrites() {
        read(4);
        Signals write = Signals.update(driver.connect(), "INSERT INTO item VALUES (1)");
        driver.sent().answer();
        assertThat(write.completed).isTrue();
        assertThat(driver.waiting()).as("nobody waits in the pool").isZero();
    }

    @Test
    void shouldRefuseAtOnceWhoeverFindsTheQueueFull() {
        read(5);
        assertThat(reads.get(4).error)
                .isInstanceOf(FallbackRefusedException.class)
                .hasMessage(
                        "reads that fall back to the primary: no room for another one to wait: 2 such reads run there,"
                                + " limit 2; 2 wait, limit 2, needed a replica that can serve them; look at why none can (the"
                                + " decision of another read says so); raise maxFallbackReads if the primary has room, or"
                                + " fallbackTimeout");
        assertThat(((FallbackRefusedException) reads.get(4).error).problems()).hasSize(1);
        assertThat(driver.fallbackReads().refused()).isEqualTo(1);
    }

    @Test
    void shouldRefuseWhoeverHasWaitedForTooLong() {
        read(3);
        driver.pass(999);
        assertThat(reads.get(2).isOver()).isFalse();
        driver.pass(1);
        assertThat(reads.get(2).error)
                .isInstanceOf(FallbackRefusedException.class)
                .hasMessageContaining("none ended within 1000 ms: 2 such reads run there, limit 2; 0 wait, limit 2");
        answerAll();
        assertNothingIsLeft();
    }

    @Test
    void shouldReadOnTheReplicaThatComesBackMeanwhile() {
        read(3);
        driver.publish(primary(), ScriptedDriver.node("r1", NodeRole.REPLICA), unhealthy("r2"));
        driver.connections.get(0).last().answer(1);
        assertThat(driver.sender().node).isEqualTo("r1");
        driver.sent().answer(1);
        driver.connections.get(1).last().answer(1);
        assertNothingIsLeft();
    }

    @Test
    void shouldGiveThePlaceOfOneWhoHasGoneToTheNext() {
        read(4);
        reads.get(2).cancel();
        assertThat(driver.fallbackReads().waiting()).isEqualTo(1);
        driver.connections.get(0).last().answer(1);
        driver.connections.get(0).last().answer(4);
        assertThat(reads.get(3).values).containsExactly(4);
        driver.connections.get(1).last().answer(2);
        assertNothingIsLeft();
    }

    @Test
    void shouldGiveThePermitBackOfOneWhoGoesWhileItsConnectionIsOpened() {
        Sinks.Empty<Void> opened = Sinks.empty();
        driver.opening = opened.asMono();
        read(1);
        assertThat(driver.fallbackReads().running()).isEqualTo(1);
        reads.get(0).cancel();
        opened.tryEmitEmpty();
        assertNothingIsLeft();
    }

    @Test
    void shouldGiveThePermitBackWhenNoConnectionCanBeHad() {
        driver.unreachable.add("p");
        read(2);
        driver.pass(2_100);
        assertThat(reads).allMatch(read -> read.error != null);
        assertNothingIsLeft();
    }

    @Test
    void shouldGiveThePermitBackWhenTheReadFails() {
        read(1);
        driver.sent().result().failResult(new IllegalArgumentException("no such table"));
        assertThat(reads.get(0).error).hasMessage("no such table");
        assertNothingIsLeft();
    }

    @Test
    void shouldHoldThePermitOfACancelledReadUntilItIsDrained() {
        read(1);
        driver.sent().result().row(1);
        reads.get(0).cancel();
        assertThat(driver.fallbackReads().running()).isEqualTo(1);
        driver.sent().endResult().end();
        assertNothingIsLeft();
    }

    @Test
    void shouldGiveThePermitBackWithAConnectionThatIsDropped() {
        read(1);
        driver.sent().result().row(1).failResult(ScriptedDriver.lost());
        assertThat(reads.get(0).error).hasMessage("the connection is gone");
        assertNothingIsLeft();
    }

    @Test
    void shouldTakeOnePermitForReadsThatShareAConnection() {
        RoutingConnection connection = driver.connect();
        Signals.rows(connection, "SELECT 1");
        Signals.rows(connection, "SELECT 2");
        assertThat(driver.fallbackReads().running()).isEqualTo(1);
    }

    @Test
    void shouldTakeAPermitForAReadOnlyTransactionUntilItsEnd() {
        RoutingConnection connection = driver.connect();
        Signals.of(connection.beginTransaction(ReadOnly.TRANSACTION));
        assertThat(driver.fallbackReads().running()).isEqualTo(1);
        Signals.of(connection.rollbackTransaction());
        Signals.of(connection.close());
        assertNothingIsLeft();
    }

    @Test
    void shouldTakeNoPermitForWhatBelongsToThePrimary() {
        RoutingConnection writing = driver.connect();
        Signals.update(writing, "INSERT INTO item VALUES (1)");
        driver.sent().answer();
        Signals.rows(writing, "SELECT 1");
        Signals.of(Flux.from(driver.connect().createStatement("SELECT 1").execute())
                .contextWrite(Routing.primary()));
        Signals.of(Flux.from(driver.connect().createStatement("SELECT 1").execute())
                .contextWrite(Routing.using("p")));
        assertThat(driver.routes).hasSize(4);
        assertThat(driver.fallbackReads()).isEqualTo(new FallbackReads(0, 0, 0, 2, 0, 0));
    }

    @Test
    void shouldTakeNoPermitWhereThePrimaryIsTheOnlyNode() {
        driver.publish(primary());
        read(3);
        assertThat(driver.routes).hasSize(3);
        assertThat(driver.fallbackReads()).isEqualTo(new FallbackReads(0, 0, 0, 2, 0, 0));
    }

    @Test
    void shouldTakeAPermitForAReadThatEveryReplicaHasFailed() {
        driver.publish(primary(), ScriptedDriver.node("r1", NodeRole.REPLICA), unhealthy("r2"));
        read(1);
        driver.sent().result().failResult(ScriptedDriver.lost());
        assertThat(driver.sender().node).isEqualTo("p");
        assertThat(driver.fallbackReads().running()).isEqualTo(1);
        driver.sent().answer(1);
        assertNothingIsLeft();
    }

    private void read(int count) {
        for (int i = 0; i < count; i++) {
            reads.add(Signals.rows(driver.connect(), "SELECT 1"));
        }
    }

    private void answerAll() {
        for (int i = 0; i < 2; i++) {
            driver.connections.forEach(connection -> connection.executions.stream()
                    .filter(execution -> !execution.hasEnded())
                    .toList()
                    .forEach(execution -> execution.answer(1)));
        }
    }

    private void assertNothingIsLeft() {
        assertThat(driver.fallbackReads().running()).isZero();
        assertThat(driver.fallbackReads().waiting()).isZero();
        assertThat(driver.lent()).isZero();
    }

    private static NodeState primary() {
        return ScriptedDriver.node("p", NodeRole.PRIMARY);
    }

    private static NodeState unhealthy(String name) {
        return ScriptedDriver.node(name, NodeRole.REPLICA, NodeHealth.UNHEALTHY, 2, 1, 1_000);
    }
}
