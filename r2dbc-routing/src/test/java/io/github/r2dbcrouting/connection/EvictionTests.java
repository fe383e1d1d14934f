package io.github.r2dbcrouting.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.error.NodeUnreachableException;
import io.github.r2dbcrouting.error.OutcomeUnknownException;
import io.github.r2dbcrouting.pool.Eviction;
import io.github.r2dbcrouting.pool.NodePool;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** A node's connections make way: those that nobody has at once, the others when they are back, or by force. */
class EvictionTests {

    private final ScriptedDriver driver = new ScriptedDriver();

    @AfterEach
    void close() {
        driver.close();
    }

    @Test
    void shouldCloseWhatIsIdleAtOnceAndWhatIsLentWhenItIsBack() {
        NodePool pool = driver.pool("p");
        Signals.update(driver.connect(), "INSERT INTO item VALUES (1)");
        leaveOneIdle();
        Signals evicted = Signals.of(pool.evict());
        assertThat(evicted.values).isEqualTo(List.of(new Eviction(1, 1)));
        assertThat(open()).hasSize(1);
        assertThat(pool.lent()).isEqualTo(1);
        RoutingConnection other = driver.connect();
        Signals next = Signals.update(other, "INSERT INTO item VALUES (2)");
        assertThat(pool.lent()).as("the old pool's and the new one's").isEqualTo(2);
        driver.sent().answer();
        assertThat(next.completed).isTrue();
        Signals.of(other.close());
        assertThat(pool.lent()).isEqualTo(1);
        assertThat(open()).as("the new pool keeps its own").hasSize(2);
    }

    @Test
    void shouldCountWhatIsLentDownToNothing() {
        NodePool pool = driver.pool("p");
        RoutingConnection connection = driver.connect();
        Signals write = Signals.update(connection, "INSERT INTO item VALUES (1)");
        pool.evict().block();
        driver.sent().answer();
        assertThat(write.completed).isTrue();
        assertThat(pool.lent()).as("pinned").isEqualTo(1);
        Signals.of(connection.close());
        assertThat(pool.lent()).isZero();
        assertThat(open()).isEmpty();
    }

    @Test
    void shouldCutOffWhatIsLentAndSayWhy() {
        Signals write = Signals.update(driver.connect(), "INSERT INTO item VALUES (1)");
        Signals evicted = Signals.of(driver.pool("p").cutOff("the node is being taken out and 30 s are over"));
        assertThat(evicted.values).isEqualTo(List.of(new Eviction(0, 1)));
        driver.pass(1);
        assertThat(write.error).isInstanceOf(OutcomeUnknownException.class);
        assertThat(write.error.getCause())
                .isInstanceOf(NodeUnreachableException.class)
                .hasMessageContaining("since the node is being taken out and 30 s are over");
        assertThat(driver.pool("p").lent()).isZero();
        assertThat(open()).isEmpty();
        assertThat(driver.suspected).isEmpty();
    }

    @Test
    void shouldReadElsewhereWhatIsCutOff() {
        driver.publish(ScriptedDriver.node("p", NodeRole.PRIMARY), replica("r1"));
        Signals read = Signals.rows(driver.connect(), "SELECT 1");
        assertThat(driver.sender().node).isEqualTo("r1");
        driver.publish(ScriptedDriver.node("p", NodeRole.PRIMARY), replica("r2"));
        driver.pool("r1").cutOff("it is").block();
        driver.pass(1);
        assertThat(driver.sender().node).isEqualTo("r2");
        driver.sent().answer(7);
        assertThat(read.values).isEqualTo(List.of(7));
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldNotCutOffWhatWasOpenedSince() {
        NodePool pool = driver.pool("p");
        pool.cutOff("it is").block();
        driver.pass(1);
        RoutingConnection connection = driver.connect();
        Signals write = Signals.update(connection, "INSERT INTO item VALUES (1)");
        driver.sent().answer();
        assertThat(write.completed).isTrue();
    }

    @Test
    void shouldNotUseAConnectionThatComesAfterTheCut() {
        Sinks.Empty<Void> opened = Sinks.empty();
        driver.opening = opened.asMono();
        Signals write = Signals.update(driver.connect(), "INSERT INTO item VALUES (1)");
        driver.opening = Mono.empty();
        Signals evicted = Signals.of(driver.pool("p").cutOff("it is"));
        assertThat(evicted.values).isEqualTo(List.of(new Eviction(0, 1)));
        opened.tryEmitEmpty().orThrow();
        assertThat(driver.connections).hasSize(2);
        assertThat(driver.connections.get(0).isOpen()).isFalse();
        driver.sent().answer();
        assertThat(write.completed).as("on a connection of the next pool").isTrue();
    }

    @Test
    void shouldRouteAgainWhoWaitsForAConnection() {
        driver.publish(ScriptedDriver.node("p", NodeRole.PRIMARY), replica("r1"));
        List<Signals> reads = Stream.generate(() -> Signals.rows(driver.connect(), "SELECT 1"))
                .limit(3)
                .toList();
        assertThat(driver.waiting()).isEqualTo(1);
        driver.publish(ScriptedDriver.node("p", NodeRole.PRIMARY), replica("r2"));
        driver.pool("r1").evict().block();
        assertThat(driver.sender().node).isEqualTo("r2");
        driver.sent().answer(1);
        assertThat(reads.get(2).completed).isTrue();
        assertThat(driver.pool("r1").lent()).isEqualTo(2);
    }

    private void leaveOneIdle() {
        RoutingConnection connection = driver.connect();
        Signals write = Signals.update(connection, "INSERT INTO item VALUES (2)");
        driver.sent().answer();
        assertThat(write.completed).isTrue();
        Signals.of(connection.close());
    }

    private List<ScriptedConnection> open() {
        return driver.open(ScriptedDriver.PRIMARY);
    }

    private static NodeState replica(String name) {
        return ScriptedDriver.node(name, NodeRole.REPLICA);
    }
}
