package io.github.r2dbcrouting.connection;

import static io.github.r2dbcrouting.connection.ScriptedDriver.node;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.Routing;
import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.consistency.Consistency.Level;
import io.github.r2dbcrouting.consistency.ConsistencySession;
import io.github.r2dbcrouting.error.NoEligibleNodeException;
import io.github.r2dbcrouting.settings.ConsistencySettings;
import io.github.r2dbcrouting.settings.ConsistencySettings.SessionScope;
import io.github.r2dbcrouting.settings.ConsistencySettings.StrongReads;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Flux;

/** Where a read of a session goes at each level, which has written up to position 7 on the primary {@code p}. */
class LevelsTests {

    private static final Duration PATIENCE = Duration.ofMillis(50);

    private final ConsistencySession session = ConsistencySession.create();
    private ScriptedDriver driver = driver(StrongReads.PRIMARY, false);

    /** What the nodes are like. */
    enum Situation {
        /** Replica {@code r1} has come as far as the primary, and {@code r2} has not. */
        A_REPLICA_SATISFIES_IT,
        /** Both replicas are older than any level allows that asks for anything. */
        NONE_DOES,
        /** Neither replica can be used. */
        NO_REPLICA,
        /** As the first, but the primary is gone. */
        NO_PRIMARY_A_REPLICA_SATISFIES_IT,
        /** As the second, but the primary is gone. */
        NO_PRIMARY_NONE_DOES
    }

    @AfterEach
    void close() {
        driver.close();
    }

    @ParameterizedTest(name = "{0}, {1}: {2}")
    @CsvSource({
        "eventual, A_REPLICA_SATISFIES_IT, at once: a replica",
        "eventual, NONE_DOES, at once: a replica",
        "eventual, NO_REPLICA, at once: p",
        "eventual, NO_PRIMARY_A_REPLICA_SATISFIES_IT, at once: a replica",
        "eventual, NO_PRIMARY_NONE_DOES, at once: a replica",
        "bounded(1s), A_REPLICA_SATISFIES_IT, at once: r1",
        "bounded(1s), NONE_DOES, at once: p",
        "bounded(1s), NO_REPLICA, at once: p",
        "bounded(1s), NO_PRIMARY_A_REPLICA_SATISFIES_IT, at once: r1",
        "bounded(1s), NO_PRIMARY_NONE_DOES, an error after a wait for the primary",
        "readYourWrites, A_REPLICA_SATISFIES_IT, at once: r1",
        "readYourWrites, NONE_DOES, when the patience is over: p",
        "readYourWrites, NO_REPLICA, at once: p",
        "readYourWrites, NO_PRIMARY_A_REPLICA_SATISFIES_IT, at once: r1",
        "readYourWrites, NO_PRIMARY_NONE_DOES, an error after a wait for the primary",
        "session, A_REPLICA_SATISFIES_IT, at once: r1",
        "session, NONE_DOES, when the patience is over: p",
        "session, NO_REPLICA, at once: p",
        "session, NO_PRIMARY_A_REPLICA_SATISFIES_IT, at once: r1",
        "session, NO_PRIMARY_NONE_DOES, an error after a wait for the primary",
        "strong, A_REPLICA_SATISFIES_IT, at once: p",
        "strong, NONE_DOES, at once: p",
        "strong, NO_REPLICA, at once: p",
        "strong, NO_PRIMARY_A_REPLICA_SATISFIES_IT, an error after a wait for the primary",
        "strong, NO_PRIMARY_NONE_DOES, an error after a wait for the primary",
    })
    void shouldGo(String level, Situation situation, String expected) {
        given(situation);

        assertThat(outcome(level)).isEqualTo(expected);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
        "readYourWrites, when the patience is over: a replica",
        "session, when the patience is over: a replica",
        "bounded(1s), an error after a wait for the primary",
        "strong, an error after a wait for the primary",
    })
    void shouldServeWhatIsStaleWithoutAPrimaryWhereThatIsAllowed(String level, String expected) {
        restart(StrongReads.PRIMARY, true);
        given(Situation.NO_PRIMARY_NONE_DOES);

        assertThat(outcome(level)).isEqualTo(expected);
        assertThat(driver.services.routing().sessions().catchUp().counts().stale())
                .isEqualTo(expected.endsWith("replica") ? 1 : 0);
    }

    @Test
    void shouldReportThatAReadOnThePrimaryMayMissWhatReplicasHaveShown() {
        given(Situation.NONE_DOES);
        session.readOnReplica(new NodeId("r1"), 1, 1, now());

        assertThat(outcome("session")).isEqualTo("when the patience is over: p");
        assertThat(driver.services.routing().sessions().catchUp().counts().weakened())
                .isEqualTo(1);
    }

    /** Nobody joins a question that was asked before: what it tells may be older than the read. */
    @Test
    void shouldReadStronglyOnAReplicaThatHasComeAsFarAsThePrimaryWasAfterTheReadBegan() {
        restart(StrongReads.REPLICA, false);
        given(Situation.A_REPLICA_SATISFIES_IT);
        Signals read = read("strong");
        assertThat(driver.routes).as("what is known is older than the read").isEmpty();
        assertThat(driver.refreshed).contains(new NodeId("p"));
        driver.pass(1);
        publish(at("p", NodeRole.PRIMARY, 9), at("r1", NodeRole.REPLICA, 8), at("r2", NodeRole.REPLICA, 8));
        assertThat(driver.routes).isEmpty();
        publish(at("p", NodeRole.PRIMARY, 12), at("r1", NodeRole.REPLICA, 8), at("r2", NodeRole.REPLICA, 9));
        driver.sent().answer(1);

        assertThat(read.values).containsExactly(1);
        assertThat(driver.sender().node).isEqualTo("r2");
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
        "NONE_DOES, when the patience is over: p",
        "NO_REPLICA, at once: p",
        "NO_PRIMARY_A_REPLICA_SATISFIES_IT, an error after a wait for the primary",
    })
    void shouldReadStronglyOnThePrimaryIfNoReplicaComesAsFar(Situation situation, String expected) {
        restart(StrongReads.REPLICA, false);
        given(situation);

        assertThat(outcome("strong")).isEqualTo(expected);
    }

    private void restart(StrongReads strongReads, boolean allowStale) {
        driver.close();
        driver = driver(strongReads, allowStale);
    }

    private static ScriptedDriver driver(StrongReads strongReads, boolean allowStale) {
        return new ScriptedDriver(
                ScriptedDriver.RETRIES,
                2,
                new ConsistencySettings(SessionScope.NONE, PATIENCE, strongReads, allowStale));
    }

    private void given(Situation situation) {
        driver.pass(10_000);
        session.written(1, now() - 1);
        publish(at("p", NodeRole.PRIMARY, 7));
        assertThat(session.requirement(Level.SESSION, driver.current(), now())
                        .bound()
                        .isNone())
                .isFalse();
        NodeState primary = at("p", NodeRole.PRIMARY, 7);
        NodeState gone = node("p", NodeRole.PRIMARY, NodeHealth.UNHEALTHY, 2, 1, now(), 7);
        NodeState old = node("r1", NodeRole.REPLICA, NodeHealth.HEALTHY, 0, 1, 0, 3);
        NodeState older = node("r2", NodeRole.REPLICA, NodeHealth.HEALTHY, 0, 1, 0, 2);
        switch (situation) {
            case A_REPLICA_SATISFIES_IT -> publish(primary, at("r1", NodeRole.REPLICA, 7), older);
            case NONE_DOES -> publish(primary, old, older);
            case NO_REPLICA ->
                publish(
                        primary,
                        node("r1", NodeRole.REPLICA, NodeHealth.UNHEALTHY, 2, 1, now(), 7),
                        node("r2", NodeRole.REPLICA, NodeHealth.UNHEALTHY, 2, 1, now(), 7));
            case NO_PRIMARY_A_REPLICA_SATISFIES_IT -> publish(gone, at("r1", NodeRole.REPLICA, 7), older);
            case NO_PRIMARY_NONE_DOES -> publish(gone, old, older);
        }
        driver.refreshed.clear();
    }

    private String outcome(String level) {
        Signals read = read(level);
        List<String> found = new ArrayList<>();
        boolean any = level.equals("eventual")
                || driver.current().node(new NodeId("r1")).replication().sampledAt() == 0;
        look(read, "at once", any, found);
        driver.pass(PATIENCE.toMillis());
        look(read, "when the patience is over", any, found);
        driver.pass(60_000);
        if (found.isEmpty() && read.error instanceof NoEligibleNodeException) {
            found.add("an error after a wait for the primary");
        }
        return found.isEmpty() ? "nothing: " + read.error : found.get(0);
    }

    private void look(Signals read, String when, boolean anyReplica, List<String> found) {
        if (!driver.routes.isEmpty() && found.isEmpty()) {
            String node = driver.routes.get(0).node().name();
            driver.sent().answer(1);
            assertThat(read.values).containsExactly(1);
            boolean any = anyReplica && node.startsWith("r");
            found.add(when + ": " + (any ? "a replica" : node));
        }
    }

    private Signals read(String level) {
        RoutingConnection connection = driver.connect();
        return Signals.of(Flux.from(connection.createStatement("SELECT 1").execute())
                .concatMap(result -> result.map((row, metadata) -> row.get(0)))
                .contextWrite(Routing.session(session))
                .contextWrite(Routing.consistency(Consistency.valueOf(level))));
    }

    private void publish(NodeState... nodes) {
        driver.publish(nodes);
        driver.pass(0);
    }

    private NodeState at(String name, NodeRole role, long lsn) {
        return node(name, role, NodeHealth.HEALTHY, 0, 1, now(), lsn);
    }

    private long now() {
        return driver.time.now(TimeUnit.NANOSECONDS);
    }
}
