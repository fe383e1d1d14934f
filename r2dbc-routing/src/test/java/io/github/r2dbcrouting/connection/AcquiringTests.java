package io.github.r2dbcrouting.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.Routing;
import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.error.AcquireTimeoutException;
import io.github.r2dbcrouting.error.NoEligibleNodeException;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** From a decision to a connection that holds what it assumed. */
class AcquiringTests {

    private final ScriptedDriver driver = new ScriptedDriver();
    private final RoutingConnection connection = driver.connect();

    @AfterEach
    void close() {
        driver.close();
    }

    @Test
    void shouldPassOverAsManyNodesAsCannotBeReached() {
        NodeState[] nodes = new NodeState[9];
        nodes[0] = ScriptedDriver.node("p", NodeRole.PRIMARY);
        for (int i = 1; i < nodes.length; i++) {
            nodes[i] = ScriptedDriver.node("r" + i, NodeRole.REPLICA);
            if (driver.services.pools().access(nodes[i].id()) == null) {
                driver.services.pools().enter(nodes[i].settings());
            }
            if (i < 8) {
                driver.unreachable.add("r" + i);
            }
        }
        driver.publish(nodes);
        Signals signals = Signals.rows(driver.connect(), "SELECT 1");
        driver.pass(1);
        assertThat(signals.error).isNull();
        assertThat(driver.sender().node).isEqualTo("r8");
    }

    @Test
    void shouldPassOverNodesThatRefuseConnections() {
        driver.unreachable.addAll(List.of("r1", "r2"));
        Signals read = Signals.rows(connection, "SELECT 1");
        assertThat(driver.sender().node).isEqualTo("p");
        assertThat(driver.suspected).containsExactlyInAnyOrder(new NodeId("r1"), new NodeId("r2"));
        driver.sent().answer(1);
        assertThat(read.completed).isTrue();
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldSayWhatTheLastNodeSaid() {
        driver.unreachable.addAll(List.of("p", "r1", "r2"));
        Signals read = Signals.rows(connection, "SELECT 1");
        driver.pass(1_900);
        assertThat(read.isOver()).isFalse();
        driver.pass(200);
        assertThat(read.error).hasMessageContaining("the connection is gone");
        assertThat(driver.suspected).hasSize(3);
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldTryAPrimaryThatRefusesConnectionsAgainOnceItHasAnswered() {
        driver.unreachable.add("p");
        Signals write = Signals.update(connection, "INSERT INTO item VALUES (1)");
        driver.unreachable.clear();
        publish(replica("r1"));
        assertThat(driver.connections).as("no news").isEmpty();
        driver.publish(ScriptedDriver.node("p", NodeRole.PRIMARY, NodeHealth.HEALTHY, 0, 1, 1_000_000_000_000L));
        assertThat(driver.sender().node).isEqualTo("p");
        driver.sent().answer();
        assertThat(write.completed).isTrue();
        assertThat(driver.suspected).containsExactly(ScriptedDriver.PRIMARY);
    }

    @Test
    void shouldGoToThePrimaryThatTakesThePlaceOfOneThatRefusesConnections() {
        driver.unreachable.add("p");
        Signals.update(connection, "INSERT INTO item VALUES (1)");
        driver.publish(replica("r2"), ScriptedDriver.node("r1", NodeRole.PRIMARY, NodeHealth.HEALTHY, 0, 1, 0));
        assertThat(driver.sender().node).isEqualTo("r1");
    }

    @Test
    void shouldTryThePrimaryAgainInItsNextLife() {
        driver.unreachable.add("p");
        Signals.update(connection, "INSERT INTO item VALUES (1)");
        driver.unreachable.clear();
        driver.publish(ScriptedDriver.node("p", NodeRole.PRIMARY, NodeHealth.HEALTHY, 0, 2, 0));
        assertThat(driver.sender().node).isEqualTo("p");
    }

    @Test
    void shouldNotPassOverANodeThatTheUserNamed() {
        driver.unreachable.add("r1");
        Signals read = Signals.of(
                Flux.from(connection.createStatement("SELECT 1").execute()).contextWrite(Routing.using("r1")));
        assertThat(read.error).hasMessageContaining("the connection is gone");
        assertThat(driver.suspected).containsExactly(new NodeId("r1"));
    }

    @Test
    void shouldReadWhereThereIsRoomWhenAPoolIsFullForTooLong() {
        publish(replica("r1"));
        Signals.rows(driver.connect(), "SELECT 1");
        Signals.rows(driver.connect(), "SELECT 2");
        Signals waiting = Signals.rows(connection, "SELECT 3");
        assertThat(driver.routes).hasSize(2);
        driver.pass(1_200);
        assertThat(waiting.isOver()).isFalse();
        assertThat(driver.routes).extracting(route -> route.node().name()).containsExactly("r1", "r1", "p");
        assertThat(driver.suspected).isEmpty();
    }

    @Test
    void shouldNotWaitTwiceForAFreeConnection() {
        publish(replica("r1"));
        List<RoutingConnection> busy = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            RoutingConnection other = driver.connect();
            busy.add(other);
            if (i < 2) {
                Signals.rows(other, "SELECT 1");
            } else {
                Signals.of(other.beginTransaction());
            }
        }
        Signals waiting = Signals.rows(connection, "SELECT 3");
        driver.pass(1_200);
        assertThat(waiting.error).isInstanceOf(AcquireTimeoutException.class).hasMessageContaining("r1");
    }

    @Test
    void shouldTakeTheConnectionThatBecomesFree() {
        publish(replica("r1"));
        Signals.rows(driver.connect(), "SELECT 1");
        ScriptedExecution first = driver.sent();
        Signals.rows(driver.connect(), "SELECT 2");
        Signals waiting = Signals.rows(connection, "SELECT 3");
        first.answer(1);
        assertThat(driver.routes).hasSize(3);
        assertThat(driver.routes.get(2).node()).isEqualTo(new NodeId("r1"));
        driver.connections.get(0).last().answer(3);
        assertThat(waiting.values).containsExactly(3);
    }

    @Test
    void shouldHoldAWriteUntilThereIsAPrimary() {
        driver.publish(replica("r1"), replica("r2"));
        Signals write = Signals.update(connection, "INSERT INTO item VALUES (1)");
        driver.pass(1_000);
        assertThat(write.isOver()).isFalse();
        assertThat(driver.connections).isEmpty();
        publish(replica("r1"));
        assertThat(driver.sender().node).isEqualTo("p");
        driver.sent().answer();
        assertThat(write.completed).isTrue();
    }

    @Test
    void shouldRefuseAWriteWhenNoPrimaryComesInTime() {
        driver.publish(replica("r1"), replica("r2"));
        Signals write = Signals.update(connection, "INSERT INTO item VALUES (1)");
        driver.pass(2_100);
        assertThat(write.error)
                .isInstanceOf(NoEligibleNodeException.class)
                .hasMessageContaining("no node for this statement")
                .hasMessageNotContaining("null");
        assertThat(((NoEligibleNodeException) write.error).problems()).hasSize(2);
        publish(replica("r1"));
        assertThat(driver.connections).isEmpty();
    }

    @Test
    void shouldHoldNothingForANodeThatTheUserNamed() {
        driver.publish(replica("r1"), ScriptedDriver.node("r2", NodeRole.REPLICA, NodeHealth.UNHEALTHY, 2, 1, 1_000));
        Signals read = Signals.of(
                Flux.from(connection.createStatement("SELECT 1").execute()).contextWrite(Routing.using("r2")));
        assertThat(read.error).isInstanceOf(NoEligibleNodeException.class);
    }

    @Test
    void shouldRouteAgainWhenTheNodeBeganAnotherLifeMeanwhile() {
        Sinks.Empty<Void> opened = Sinks.empty();
        driver.opening = opened.asMono();
        Signals read = Signals.rows(connection, "SELECT 1");
        driver.publish(
                ScriptedDriver.node("p", NodeRole.PRIMARY),
                ScriptedDriver.node("r1", NodeRole.REPLICA, NodeHealth.HEALTHY, 0, 2, 2_000),
                ScriptedDriver.node("r2", NodeRole.REPLICA, NodeHealth.HEALTHY, 0, 2, 2_000));
        opened.tryEmitEmpty();
        assertThat(driver.routes).hasSize(1);
        driver.sent().answer(1);
        assertThat(read.completed).isTrue();
        assertThat(driver.connections).hasSize(2);
        assertThat(driver.connections.get(0).executions).isEmpty();
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldGiveUpWhenTheTopologyNeverComesToRest() {
        long[] generation = {1};
        driver.opening = Mono.fromRunnable(() -> {
            generation[0]++;
            driver.publish(
                    ScriptedDriver.node("p", NodeRole.PRIMARY),
                    ScriptedDriver.node("r1", NodeRole.REPLICA, NodeHealth.HEALTHY, 0, generation[0], 1_000),
                    ScriptedDriver.node("r2", NodeRole.REPLICA, NodeHealth.HEALTHY, 0, generation[0], 1_000));
        });
        Signals read = Signals.rows(connection, "SELECT 1");
        assertThat(read.error)
                .isInstanceOf(NoEligibleNodeException.class)
                .hasMessage("the topology changed 5 times while a connection was being taken; try again");
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldReadOnThePrimaryWhatAReplicaCouldOnlyShowTooOldByTheTimeItsConnectionHasCome() {
        Sinks.Empty<Void> opened = Sinks.empty();
        driver.opening = opened.asMono();
        Signals read =
                Signals.of(Flux.from(connection.createStatement("SELECT 1").execute())
                        .concatMap(result -> result.map((row, metadata) -> row.get(0)))
                        .contextWrite(Routing.consistency(Consistency.bounded(Duration.ofMillis(1_500)))));
        driver.pass(900);
        driver.opening = Mono.empty();
        opened.tryEmitEmpty();
        assertThat(driver.sender().node).isEqualTo("p");
        assertThat(driver.connections.get(0).node).startsWith("r");
        driver.sent().answer(1);
        assertThat(read.values).containsExactly(1);
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldPreferTheNodeOfTheLastRead() {
        Set<String> nodes = new TreeSet<>();
        for (int i = 0; i < 6; i++) {
            Signals.rows(connection, "SELECT 1");
            nodes.add(driver.sender().node);
            driver.sent().answer(1);
        }
        assertThat(nodes).hasSize(1);
        assertThat(driver.connections).hasSize(1);
    }

    @Test
    void shouldTakeAStatementThatMayWriteForAWriteWhereOnlyThePrimaryIsLeft() {
        driver.publish(ScriptedDriver.node("p", NodeRole.PRIMARY));
        Signals read = unknown();
        driver.sent().answer(1);
        assertThat(read.values).containsExactly(1);
        assertThat(driver.lent()).as("pinned").isEqualTo(1);
        connection.close().subscribe();
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldTakeAStatementThatMayWriteForAWriteWhenTheReplicasRefuseConnections() {
        driver.unreachable.addAll(List.of("r1", "r2"));
        unknown();
        assertThat(driver.sender().node).isEqualTo("p");
        driver.sent().answer(1);
        assertThat(driver.lent()).as("pinned").isEqualTo(1);
    }

    private Signals unknown() {
        return Signals.of(
                Flux.from(connection.createStatement("SELECT unknown_to_all(1)").execute())
                        .concatMap(result -> result.map((row, metadata) -> row.get(0)))
                        .contextWrite(Routing.replica()));
    }

    private void publish(NodeState... replicas) {
        List<NodeState> nodes = new ArrayList<>(List.of(replicas));
        nodes.add(ScriptedDriver.node("p", NodeRole.PRIMARY));
        driver.publish(nodes.toArray(NodeState[]::new));
    }

    private static NodeState replica(String name) {
        return ScriptedDriver.node(name, NodeRole.REPLICA);
    }
}
