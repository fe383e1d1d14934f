package io.github.r2dbcrouting.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.pool.NodePool;
import io.github.r2dbcrouting.settings.PoolSettings;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** A node that comes, or comes back, gets its first connections before it gets reads. */
class WarmUpTests {

    private static final Duration LIMIT = Duration.ofSeconds(3);

    private final ScriptedDriver driver = driver();
    private final Sinks.Empty<Void> open = Sinks.empty();

    @AfterEach
    void close() {
        driver.close();
    }

    @Test
    void shouldOpenTheFirstConnectionsBeforeAnybodyAsks() {
        follow(primary(), replica("r1"), replica("r2"));
        assertThat(driver.connections)
                .extracting(connection -> connection.node)
                .containsExactly("p", "p", "r1", "r1", "r2", "r2");
        assertThat(driver.connections).allMatch(connection -> connection.isOpen());
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldKeepReadsFromANodeThatIsBeingWarmedUp() {
        follow(primary(), replica("r1"));
        comeSlowly();
        assertThat(read(4)).containsOnly("r1");
        open.tryEmitEmpty().orThrow();
        assertThat(read(4)).contains("r1", "r2");
        assertThat(driver.open(new NodeId("r2"))).hasSize(2);
    }

    @Test
    void shouldWarmANodeUpThatIsReadFromBeforeItsNewsHaveArrived() {
        follow(primary(), replica("r1"));
        driver.opening = open.asMono();
        driver.publish(primary(), replica("r1"), replica("r2"));
        assertThat(read(4)).containsOnly("r1");
        assertThat(driver.open(new NodeId("r2"))).as("to ask opens nothing").isEmpty();
        follow(primary(), replica("r1"), replica("r2"));
        assertThat(read(4)).containsOnly("r1");
        open.tryEmitEmpty().orThrow();
        driver.opening = Mono.empty();
        assertThat(read(4)).contains("r1", "r2");
    }

    @Test
    void shouldWaitForNoNodeForLongerThanItIsToldTo() {
        follow(primary(), replica("r1"));
        comeSlowly();
        driver.pass(LIMIT.toMillis() - 1);
        assertThat(read(4)).containsOnly("r1");
        driver.pass(2);
        assertThat(read(4)).contains("r2");
    }

    @Test
    void shouldNotKeepReadsFromANodeThatCannotBeWarmedUp() {
        follow(primary(), replica("r1"));
        driver.unreachable.add("r2");
        follow(primary(), replica("r1"), replica("r2"));
        assertThat(read(4)).as("each is asked, and passed over").containsOnly("r1");
        assertThat(driver.suspected).contains(new NodeId("r2"));
    }

    @Test
    void shouldReadFromANodeThatIsBeingWarmedUpWhileThereIsNoOther() {
        driver.opening = open.asMono();
        follow(primary(), replica("r1"));
        Signals read = Signals.rows(driver.connect(), "SELECT 1");
        open.tryEmitEmpty().orThrow();
        assertThat(driver.sender().node).isEqualTo("r1");
        driver.sent().answer(1);
        assertThat(read.completed).isTrue();
    }

    @Test
    void shouldWarmUpEachNewLifeOfANode() {
        follow(primary(), replica("r1"), replica("r2"));
        driver.opening = open.asMono();
        follow(primary(), replica("r1"), ScriptedDriver.node("r2", NodeRole.REPLICA, NodeHealth.HEALTHY, 0, 2, 1_000));
        driver.opening = Mono.empty();
        assertThat(read(4)).containsOnly("r1");
        assertThat(driver.open(new NodeId("r2")))
                .as("those of the life before are closed")
                .isEmpty();
    }

    @Test
    void shouldWarmANodeUpThatAnswersAgainInTheSameLife() {
        follow(primary(), replica("r1"), replica("r2"));
        NodeState silent = ScriptedDriver.node("r2", NodeRole.REPLICA, NodeHealth.UNHEALTHY, 1, 1, 1_000);
        follow(primary(), replica("r1"), silent);
        assertThat(driver.open(new NodeId("r2"))).isEmpty();
        follow(primary(), replica("r1"), ScriptedDriver.node("r2", NodeRole.REPLICA, NodeHealth.HEALTHY, 0, 1, 2_000));
        assertThat(driver.open(new NodeId("r2"))).hasSize(2);
    }

    @Test
    void shouldNotOpenAnythingForANodeWhoseConnectionsWereEvicted() {
        follow(primary(), replica("r1"), replica("r2"));
        driver.pool("r2").evict().block();
        follow(primary(), replica("r1"), replica("r2"));
        assertThat(driver.open(new NodeId("r2"))).isEmpty();
        Signals back = Signals.of(driver.pool("r2").warmUp(replica("r2")));
        assertThat(back.completed).isTrue();
        assertThat(driver.open(new NodeId("r2"))).hasSize(2);
    }

    @Test
    void shouldOpenNothingOnADrainedNodeUntilItIsResumed() {
        follow(primary(), replica("r1"), replica("r2"));
        NodePool drained = driver.pool("r2");
        drained.holdBack();
        drained.evict().block();
        assertThat(driver.open(new NodeId("r2"))).isEmpty();
        follow(primary(), replica("r1"), replica("r2"));
        driver.services.pools().warmUp(driver.current()).block();
        driver.publish(primary(), replica("r1"));
        for (int i = 0; i < 8; i++) {
            Signals.rows(driver.connect(), "SELECT 1");
            drained.isCrowded(replica("r2"));
        }
        follow(primary(), replica("r1"), replica("r2", 2));
        assertThat(driver.open(new NodeId("r1"))).as("all are in use").hasSize(4);
        assertThat(driver.open(new NodeId("r2"))).isEmpty();

        drained.resume(replica("r2", 2));
        assertThat(driver.open(new NodeId("r2"))).hasSize(2);
    }

    @Test
    void shouldStockADrainedNodeThatHasBecomeThePrimary() {
        follow(primary(), replica("r1"), replica("r2"));
        NodePool drained = driver.pool("r2");
        drained.holdBack();
        drained.evict().block();
        NodeState promoted = ScriptedDriver.node("r2", NodeRole.PRIMARY, NodeHealth.HEALTHY, 0, 2, 1_000);
        follow(replica("r1"), promoted);
        assertThat(driver.open(new NodeId("r2"))).hasSize(2);
        assertThat(drained.isCrowded(promoted)).isFalse();

        follow(primary(), replica("r1"), replica("r2", 3));
        drained.evict().block();
        follow(primary(), replica("r1"), replica("r2", 3));
        assertThat(driver.open(new NodeId("r2"))).as("it is drained still").isEmpty();
    }

    @Test
    void shouldTellWhenAllNodesAreWarm() {
        driver.opening = open.asMono();
        Signals warm = Signals.of(driver.services.pools().warmUp(driver.current()));
        assertThat(warm.isOver()).isFalse();
        open.tryEmitEmpty().orThrow();
        assertThat(warm.completed).isTrue();
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldNotWaitForOneNodeForever() {
        driver.opening = open.asMono();
        Signals warm = Signals.of(driver.services.pools().warmUp(driver.current()));
        driver.pass(LIMIT.toMillis() + 1);
        assertThat(warm.completed).isTrue();
    }

    private void comeSlowly() {
        driver.opening = open.asMono();
        follow(primary(), replica("r1"), replica("r2"));
        driver.opening = Mono.empty();
    }

    private void follow(NodeState... nodes) {
        driver.publish(nodes);
        driver.services.pools().follow(driver.current());
    }

    /** Reads so often, one after the other, and returns where. */
    private List<String> read(int times) {
        int before = driver.routes.size();
        for (int i = 0; i < times; i++) {
            Signals read = Signals.rows(driver.connect(), "SELECT 1");
            driver.sent().answer(1);
            assertThat(read.completed).isTrue();
        }
        return driver.routes.subList(before, driver.routes.size()).stream()
                .map(route -> route.node().name())
                .toList();
    }

    private static NodeState primary() {
        return ScriptedDriver.node("p", NodeRole.PRIMARY);
    }

    private static NodeState replica(String name) {
        return ScriptedDriver.node(name, NodeRole.REPLICA);
    }

    private static NodeState replica(String name, long generation) {
        return ScriptedDriver.node(name, NodeRole.REPLICA, NodeHealth.HEALTHY, 0, generation, 1_000);
    }

    private static ScriptedDriver driver() {
        PoolSettings pool = ScriptedDriver.pool(new PoolSettings.Size(2, 0, 4));
        return new ScriptedDriver(
                new PoolSettings(
                        pool.size(), pool.maxIdleTime(), pool.maxLifeTime(), LIMIT, pool.queue(), pool.timeouts()),
                () -> 0);
    }
}
