package io.github.r2dbcrouting.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.Routing;
import io.github.r2dbcrouting.error.NodeUnreachableException;
import io.github.r2dbcrouting.error.OutcomeUnknownException;
import io.github.r2dbcrouting.services.AbandonedExchanges;
import io.github.r2dbcrouting.services.StatementRoute;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeState;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

/** Reads whose node fails or is given up: which run elsewhere, which fail, and with what. */
class ReadElsewhereTests {

    private final ScriptedDriver driver = new ScriptedDriver();
    private final RoutingConnection connection = driver.connect();

    @AfterEach
    void close() {
        driver.close();
    }

    @Test
    void shouldReadElsewhereWhenTheNodeFailsBeforeTheFirstRow() {
        Signals read = Signals.rows(connection, "SELECT 1");
        driver.sent().result().failResult(ScriptedDriver.lost());
        assertThat(driver.routes).hasSize(2).extracting(StatementRoute::node).doesNotHaveDuplicates();
        assertThat(driver.suspected).containsExactly(driver.routes.get(0).node());
        driver.sent().answer(1, 2);
        assertThat(read.values).containsExactly(1, 2);
        assertThat(read.completed).isTrue();
        assertThat(driver.lent()).isZero();
        assertThat(driver.abandoned()).isEqualTo(new AbandonedExchanges(0, 0, 0));
    }

    @Test
    void shouldReadElsewhereWhenTheNodeFailsBeforeItsFirstResult() {
        Signals read = Signals.rows(connection, "SELECT 1");
        driver.sent().fail(ScriptedDriver.lost());
        driver.sent().answer(1);
        assertThat(read.values).containsExactly(1);
        assertThat(read.completed).isTrue();
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldGoOnToTheThirdNodeWhenTheSecondFailsBeforeItsResult() {
        Signals read = Signals.rows(connection, "SELECT 1");
        driver.sent().result().failResult(ScriptedDriver.lost());
        driver.sent().fail(ScriptedDriver.lost());
        driver.pass(25);
        driver.sent().answer(1);
        assertThat(read.values).containsExactly(1);
        assertThat(driver.routes).hasSize(3);
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldFailWithWhatTheSecondNodeSays() {
        Signals read = Signals.rows(connection, "SELECT 1");
        driver.sent().result().failResult(ScriptedDriver.lost());
        Throwable refused = new IllegalArgumentException("no such table");
        driver.sent().fail(refused);
        assertThat(read.error).isSameAs(refused);
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldFailWhenTheSecondNodeGivesNoResult() {
        Signals read = Signals.rows(connection, "SELECT 1");
        driver.sent().result().failResult(ScriptedDriver.lost());
        driver.sent().end();
        assertThat(read.error).hasMessage("the statement gave a result on one node and none on another");
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldFailWhenNoOtherNodeCanBeReached() {
        Signals read = Signals.rows(connection, "SELECT 1");
        driver.unreachable.addAll(List.of("p", "r1", "r2"));
        driver.sent().result().failResult(ScriptedDriver.lost());
        driver.pass(2_100);
        assertThat(read.error).hasMessageContaining("the connection is gone");
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldFailWhenTheNodeFailsAfterARow() {
        Signals read = Signals.rows(connection, "SELECT 1");
        driver.sent().result().row(1).failResult(ScriptedDriver.lost());
        assertThat(read.values).containsExactly(1);
        assertThat(read.error).hasMessageContaining("the connection is gone");
        assertThat(driver.routes).hasSize(1);
        assertThat(driver.lent()).isZero();
        assertThat(driver.sender().isOpen()).isFalse();
    }

    @Test
    void shouldFailWhenTheStatementIsAtFault() {
        Signals read = Signals.rows(connection, "SELECT 1");
        Throwable refused = new IllegalArgumentException("no such table");
        driver.sent().result().failResult(refused);
        assertThat(read.error).isSameAs(refused);
        assertThat(driver.routes).hasSize(1);
        assertThat(driver.suspected).isEmpty();
        assertThat(driver.sender().isOpen()).isTrue();
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldTryNoMoreThanTwoOtherNodes() {
        Signals read = Signals.rows(connection, "SELECT 1");
        driver.sent().result().failResult(ScriptedDriver.lost());
        driver.sent().result().failResult(ScriptedDriver.lost());
        driver.pass(25);
        assertThat(read.isOver()).isFalse();
        driver.sent().result().failResult(ScriptedDriver.lost());
        assertThat(read.error).hasMessageContaining("the connection is gone");
        assertThat(driver.routes).extracting(route -> route.node().name()).containsExactlyInAnyOrder("p", "r1", "r2");
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldFailWhereTheUserNamedTheNode() {
        Signals read =
                Signals.of(Flux.from(connection.createStatement("SELECT 1").execute())
                        .concatMap(result -> result.map((row, metadata) -> row.get(0)))
                        .contextWrite(Routing.using("r1")));
        driver.sent().result().failResult(ScriptedDriver.lost());
        assertThat(read.error).hasMessageContaining("the connection is gone");
        assertThat(driver.routes).hasSize(1);
    }

    @Test
    void shouldLearnThatATextWritesWhenAReplicaRefusesIt() {
        Signals read = Signals.rows(connection, "SELECT 1");
        driver.sent().result().failResult(ScriptedDriver.readOnly());
        assertThat(driver.sender().node).isEqualTo("p");
        driver.sent().answer(1);
        assertThat(read.values).containsExactly(1);
        assertThat(driver.suspected).isEmpty();
        Signals.rows(driver.connect(), "SELECT 1");
        assertThat(driver.sender().node).isEqualTo("p");
    }

    @Test
    void shouldSuspectAPrimaryThatRefusesAWrite() {
        Signals write = Signals.update(connection, "INSERT INTO item VALUES (1)");
        driver.sent().result().failResult(ScriptedDriver.readOnly());
        assertThat(write.error).hasMessage("the server is read-only");
        assertThat(driver.suspected).containsExactly(ScriptedDriver.PRIMARY);
        connection.close().subscribe();
        assertThat(driver.open(ScriptedDriver.PRIMARY)).hasSize(1);
    }

    @Test
    void shouldAskTheNextNodeForAllThatWasRequested() {
        StepVerifier.create(
                        Flux.from(connection.createStatement("SELECT 1").execute())
                                .concatMap(result -> result.map((row, metadata) -> row.get(0))),
                        1)
                .then(() -> driver.sent().result().failResult(ScriptedDriver.lost()))
                .then(() -> driver.sent().result().row(1).row(2))
                .expectNext(1)
                .thenRequest(1)
                .expectNext(2)
                .then(() -> driver.sent().endResult().end())
                .verifyComplete();
    }

    @Test
    void shouldSendNothingElsewhereForOneWhoHasGone() {
        Signals read = Signals.rows(connection, "SELECT 1");
        driver.sent().result();
        read.cancel();
        driver.sent().failResult(ScriptedDriver.lost());
        assertThat(driver.routes).hasSize(1);
        assertThat(driver.lent()).isZero();
        assertThat(driver.abandoned()).isEqualTo(new AbandonedExchanges(0, 0, 1));
    }

    @Test
    void shouldDrainWhatAnotherNodeAnswersToOneWhoHasGone() {
        Signals read = Signals.rows(connection, "SELECT 1");
        driver.sent().result().failResult(ScriptedDriver.lost());
        read.cancel();
        driver.sent().result().row(1).endResult().end();
        assertThat(read.values).isEmpty();
        assertThat(driver.lent()).isZero();
        assertThat(driver.dialect.cancelled).isEmpty();
    }

    @Test
    void shouldCancelAtTheServerWhatAnotherNodeGoesOnToSendToOneWhoHasGone() {
        Signals read = Signals.rows(connection, "SELECT 1");
        driver.sent().result().failResult(ScriptedDriver.lost());
        read.cancel();
        driver.sent().result();
        driver.pass(900);
        assertThat(driver.dialect.cancelled).containsExactly(driver.sender());
    }

    @Test
    void shouldDrainAllThatWasNeverRequested() {
        StepVerifier.create(
                        Flux.from(connection.createStatement("SELECT 1").execute())
                                .concatMap(result -> result.map((row, metadata) -> row.get(0))),
                        1)
                .then(() -> driver.sent().result().row(1).row(2))
                .expectNext(1)
                .thenCancel()
                .verify();
        assertThat(driver.lent()).isEqualTo(1);
        driver.sent().endResult().end();
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldCountSegmentsThatNobodyWants() {
        Signals read =
                Signals.of(Flux.from(connection.createStatement("SELECT 1").execute())
                        .concatMap(result -> result.flatMap(segment -> Flux.just("seen"))));
        driver.sent().result().row(1);
        read.cancel();
        driver.sent().row(2).row(3);
        assertThat(driver.dialect.cancelled).isEmpty();
        driver.sent().row(4);
        assertThat(driver.dialect.cancelled).hasSize(1);
    }

    @Test
    void shouldSendNothingElsewhereForOneWhoGoesBeforeAConnectionIsThere() {
        Signals read = Signals.rows(connection, "SELECT 1");
        ScriptedExecution first = driver.sent().result();
        Sinks.Empty<Void> opened = Sinks.empty();
        driver.opening = opened.asMono();
        first.failResult(ScriptedDriver.lost());
        read.cancel();
        opened.tryEmitEmpty();
        assertThat(driver.connections).hasSize(2);
        assertThat(driver.connections.get(1).executions).isEmpty();
        assertThat(driver.lent()).isZero();
        assertThat(read.isOver()).isFalse();
    }

    @Test
    void shouldTellNothingToOneWhoHasGoneWhenNoOtherNodeTakesOver() {
        Signals read = Signals.rows(connection, "SELECT 1");
        driver.sent().result().failResult(ScriptedDriver.lost());
        read.cancel();
        driver.sent().fail(ScriptedDriver.lost());
        assertThat(read.isOver()).isFalse();
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldCancelAtTheServerWhatAnotherNodeDoesNotEnd() {
        Signals read = Signals.rows(connection, "SELECT 1");
        driver.sent().result().failResult(ScriptedDriver.lost());
        driver.sent().result();
        read.cancel();
        driver.pass(900);
        assertThat(driver.dialect.cancelled).containsExactly(driver.sender());
        driver.sent().endResult().end();
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldReadElsewhereOnceANodeDoesNotAnswerItsProbeAnyMore() {
        Signals read = Signals.rows(connection, "SELECT 1");
        NodeId silent = driver.routes.get(0).node();
        unheard(silent, 1, 1_000);
        assertThat(driver.routes).hasSize(2).extracting(StatementRoute::node).doesNotHaveDuplicates();
        driver.sent().answer(1);
        assertThat(read.values).containsExactly(1);
        assertThat(driver.open(silent)).isEmpty();
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldGiveUpAReadWhoseNodeHasAnsweredSinceOnlyWithTheSecondProbe() {
        Signals read = Signals.rows(connection, "SELECT 1");
        driver.sent().result().row(1);
        NodeId silent = driver.routes.get(0).node();
        unheard(silent, 1, 2_000);
        assertThat(read.isOver()).isFalse();
        unheard(silent, 2, 2_000);
        assertThat(read.error)
                .isInstanceOf(NodeUnreachableException.class)
                .hasMessageStartingWith(
                        "node " + silent + ": given up while a statement ran on it, since 2 probes of it failed");
        assertThat(driver.open(silent)).isEmpty();
    }

    /** The other one ended on the same connection: until then its node was alive. */
    @Test
    void shouldTakeAReadForNewOnceTheOneBeforeItHasEnded() {
        Signals.rows(connection, "SELECT 1");
        ScriptedExecution first = driver.sent();
        NodeId silent = driver.routes.get(0).node();
        Signals.rows(connection, "SELECT 2");
        heard(silent, NodeHealth.HEALTHY, 0, 2_000);
        first.answer(1);
        unheard(silent, 1, 2_000);
        assertThat(driver.routes).hasSize(3);
        assertThat(driver.routes.get(2).node()).isNotEqualTo(silent);
    }

    @Test
    void shouldGiveUpNothingForAnOutageThatWasOverBefore() {
        Signals read = Signals.rows(connection, "SELECT 1");
        NodeId node = driver.routes.get(0).node();
        unheard(node, 2, 999);
        assertThat(read.isOver()).isFalse();
        assertThat(driver.open(node)).hasSize(1);
        driver.sent().answer(1);
        assertThat(read.completed).isTrue();
    }

    @Test
    void shouldGiveUpAPinOnlyWithTheSecondProbe() {
        Signals write = Signals.update(connection, "INSERT INTO item VALUES (1)");
        unheard(ScriptedDriver.PRIMARY, 1, 1_000);
        assertThat(write.isOver()).isFalse();
        unheard(ScriptedDriver.PRIMARY, 2, 1_000);
        assertThat(write.error)
                .isInstanceOf(OutcomeUnknownException.class)
                .hasMessageContaining("2 probes of it failed");
        assertThat(driver.open(ScriptedDriver.PRIMARY)).isEmpty();
        connection.close().subscribe();
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldGiveUpWhatWasTakenOnANodeThatHadJustFailedItsProbe() {
        unheard(new NodeId("r1"), 1, 1_000);
        unheard(new NodeId("r2"), 1, 1_000);
        Signals read = Signals.rows(connection, "SELECT 1");
        driver.pass(25);
        assertThat(read.isOver()).isFalse();
        assertThat(driver.sender().node).isEqualTo("p");
    }

    @Test
    void shouldTellOfProgressWhileSomethingRuns() {
        Signals.rows(connection, "SELECT 1");
        Signals.rows(connection, "SELECT 2");
        assertThat(driver.services.pools().held()).hasSize(1);
        driver.services.pools().suspectSilent(driver, 3_000_000_000L, 1_000);
        assertThat(driver.suspected).isEmpty();
        driver.sender().executions.get(0).answer(1);
        driver.services.pools().suspectSilent(driver, 6_000_000_000L, 1_000);
        assertThat(driver.suspected).as("one of them has ended since").isEmpty();
        driver.services.pools().suspectSilent(driver, 9_000_000_000L, 1_000);
        assertThat(driver.suspected).hasSize(1);
        driver.sender().executions.get(1).answer(2);
        assertThat(driver.services.pools().held()).isEmpty();
    }

    @Test
    void shouldNotSuspectTheNodeOfAPinOnWhichNothingRuns() {
        Signals.update(connection, "INSERT INTO item VALUES (1)");
        driver.sent().answer();
        driver.services.pools().suspectSilent(driver, 3_000_000_000L, 1_000);
        driver.services.pools().suspectSilent(driver, 6_000_000_000L, 1_000);
        assertThat(driver.suspected).isEmpty();
    }

    @Test
    void shouldShowAUserNoSegmentsThatNobodyWants() {
        Signals read = Signals.of(Flux.from(
                        connection.createStatement("SELECT 1").execute())
                .concatMap(result -> result.flatMap(segment -> Flux.just("seen").concatWith(Flux.never()))));
        driver.sent().result().row(1);
        assertThat(read.values).containsExactly("seen");
        read.cancel();
        driver.sent().row(2).row(3).endResult().end();
        assertThat(read.values).containsExactly("seen");
        assertThat(driver.lent()).isZero();
    }

    private void unheard(NodeId silent, int failures, long sampledAt) {
        heard(silent, failures > 1 ? NodeHealth.UNHEALTHY : NodeHealth.DEGRADED, failures, sampledAt);
        Objects.requireNonNull(driver.services.pools().access(silent))
                .pool()
                .unheard(driver.current().node(silent));
    }

    private void heard(NodeId id, NodeHealth health, int failures, long sampledAt) {
        NodeState[] nodes = driver.current().nodes().stream()
                .map(node -> node.id().equals(id)
                        ? ScriptedDriver.node(id.name(), node.role(), health, failures, 1, sampledAt)
                        : node)
                .toArray(NodeState[]::new);
        driver.publish(nodes);
    }
}
