package io.github.r2dbcrouting.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.Routing;
import io.github.r2dbcrouting.error.AcquireQueueFullException;
import io.github.r2dbcrouting.pool.CrowdCounts;
import io.github.r2dbcrouting.settings.PoolSettings;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;

/** Who waits for a connection where, and who does not. Each pool has one connection. */
class CrowdedPoolTests {

    private ScriptedDriver driver = driver(100, 0);

    @AfterEach
    void close() {
        driver.close();
    }

    @Test
    void shouldReadWhereThereIsRoomRatherThanWait() {
        readOn("r1");
        for (int i = 0; i < 2; i++) {
            driver.publish(primary(), replica("r1"), replica("r2"));
            Signals.rows(driver.connect(), "SELECT 1");
        }
        assertThat(nodes()).containsExactly("r1", "r2");
        assertThat(driver.waiting()).isEqualTo(1);
    }

    @Test
    void shouldWaitWhereItWasSentWhileNobodyHasRoom() {
        readOn("r1");
        readOn("r2");
        Signals.rows(driver.connect(), "SELECT 1");
        Signals.rows(driver.connect(), "SELECT 1");
        assertThat(nodes()).containsExactly("r1", "r2");
        assertThat(driver.waiting()).isEqualTo(2);
    }

    @Test
    void shouldNotTurnToThePrimaryForRoom() {
        driver.publish(primary(), replica("r1"));
        Signals.rows(driver.connect(), "SELECT 1");
        Signals.rows(driver.connect(), "SELECT 1");
        assertThat(nodes()).containsExactly("r1");
        assertThat(driver.waiting()).isEqualTo(1);
    }

    @Test
    void shouldNotTurnToADegradedNodeForRoom() {
        driver.publish(
                primary(),
                replica("r1"),
                ScriptedDriver.node("r2", NodeRole.REPLICA, NodeHealth.DEGRADED, 0, 1, 1_000));
        Signals.rows(driver.connect(), "SELECT 1");
        Signals.rows(driver.connect(), "SELECT 1");
        assertThat(nodes()).containsExactly("r1");
        assertThat(driver.waiting()).isEqualTo(1);
    }

    @Test
    void shouldWaitForTheNodeThatTheUserNamed() {
        readOn("r1");
        readOn("r1");
        assertThat(nodes()).containsExactly("r1");
        assertThat(driver.waiting()).isEqualTo(1);
    }

    @Test
    void shouldGoElsewhereOnlyWhenSoManyWait() {
        driver.close();
        driver = driver(100, 2);
        readOn("r1");
        readOn("r1");
        driver.publish(primary(), replica("r1"));
        Signals.rows(driver.connect(), "SELECT 1");
        driver.publish(primary(), replica("r1"), replica("r2"));
        assertThat(driver.waiting()).isEqualTo(2);
        Signals.rows(driver.connect(), "SELECT 1");
        Signals.rows(driver.connect(), "SELECT 1");
        assertThat(nodes()).containsExactly("r1", "r2");
        assertThat(driver.waiting()).as("one is where the balancer sent it").isEqualTo(3);
        assertThat(driver.services.pools().crowds().counts()).isEqualTo(new CrowdCounts(1, 0, 0));
    }

    @Test
    void shouldKeepItsRequestAsItWasWhenTheOtherNodeFails() {
        readOn("r1");
        Signals waiting = new Signals();
        driver.unreachable.add("r2");
        for (int i = 0; i < 2; i++) {
            waiting = Signals.rows(driver.connect(), "SELECT 1");
        }
        assertThat(waiting.isOver()).isFalse();
        assertThat(driver.waiting())
                .as("both wait for r1, which is crowded and has not failed")
                .isEqualTo(2);
    }

    @Test
    void shouldServeWhoCameFirst() {
        List<Signals> reads = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            reads.add(readOn("r1"));
        }
        for (int i = 0; i < 6; i++) {
            driver.sent().answer(i);
        }
        assertThat(reads)
                .extracting(read -> read.values)
                .containsExactly(List.of(0), List.of(1), List.of(2), List.of(3), List.of(4), List.of(5));
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldTurnAwayWhoComesWhenAsManyWaitAsMayAndSayWhichOptionToRaise() {
        driver.close();
        driver = driver(2, 0);
        for (int i = 0; i < 3; i++) {
            assertThat(readOn("r1").isOver()).isFalse();
        }
        Signals refused = readOn("r1");
        assertThat(refused.error)
                .isInstanceOf(AcquireQueueFullException.class)
                .hasMessage("node r1: no connection is free, and 2 statements may wait for one at a time: 1 in use,"
                        + " 0 idle, 2 waiting, limit 1, needed fewer statements at a time or a larger pool; raise maxSize"
                        + " or acquireQueue, let fewer requests in, or look for results that are never consumed and"
                        + " connections that are never closed");
        assertThat(driver.waiting()).isEqualTo(2);
        assertThat(driver.suspected).as("it says nothing against the node").isEmpty();
        assertThat(driver.services.pools().crowds().counts()).isEqualTo(new CrowdCounts(0, 1, 0));
        driver.sent().answer(1);
        assertThat(readOn("r1").isOver()).as("there is a place again").isFalse();
    }

    @Test
    void shouldTurnAWriteAwayAtOnce() {
        driver.close();
        driver = driver(0, 0);
        Signals.update(driver.connect(), "INSERT INTO item VALUES (1)");
        Signals refused = Signals.update(driver.connect(), "INSERT INTO item VALUES (1)");
        assertThat(refused.error).isInstanceOf(AcquireQueueFullException.class);
    }

    /** Only so many, as whenever no replica can serve. */
    @Test
    void shouldReadOnThePrimaryRatherThanFailWhenAllQueuesAreFull() {
        driver.close();
        driver = driver(0, 0);
        driver.publish(primary(), replica("r1"), replica("r2"));
        for (int i = 0; i < 3; i++) {
            Signals.rows(driver.connect(), "SELECT 1");
        }
        assertThat(nodes()).containsExactlyInAnyOrder("r1", "r2", "p");
        assertThat(driver.fallbackReads().running()).isEqualTo(1);
    }

    @Test
    void shouldReadElsewhereWhenAQueueIsFull() {
        driver.close();
        driver = driver(0, 0);
        driver.publish(
                primary(),
                replica("r1"),
                ScriptedDriver.node("r2", NodeRole.REPLICA, NodeHealth.DEGRADED, 0, 1, 1_000));
        Signals.rows(driver.connect(), "SELECT 1");
        Signals.rows(driver.connect(), "SELECT 1");
        assertThat(nodes()).containsExactly("r1", "r2");
    }

    private Signals readOn(String node) {
        return Signals.of(Flux.from(driver.connect().createStatement("SELECT 1").execute())
                .concatMap(result -> result.map((row, metadata) -> row.get(0)))
                .contextWrite(Routing.using(node)));
    }

    private List<String> nodes() {
        return driver.routes.stream().map(route -> route.node().name()).toList();
    }

    private static NodeState primary() {
        return ScriptedDriver.node("p", NodeRole.PRIMARY);
    }

    private static NodeState replica(String name) {
        return ScriptedDriver.node(name, NodeRole.REPLICA);
    }

    private static ScriptedDriver driver(int acquireQueue, int spillAfter) {
        PoolSettings one = ScriptedDriver.pool(new PoolSettings.Size(0, 0, 1));
        return new ScriptedDriver(
                new PoolSettings(
                        one.size(),
                        one.maxIdleTime(),
                        one.maxLifeTime(),
                        one.warmUp(),
                        new PoolSettings.Queue(Duration.ofSeconds(1), acquireQueue, spillAfter),
                        one.timeouts()),
                () -> 0);
    }
}
