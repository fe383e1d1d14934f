package io.github.r2dbcrouting.connection;

import static io.github.r2dbcrouting.connection.ScriptedDriver.node;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.ReadOnly;
import io.github.r2dbcrouting.Routing;
import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.consistency.ConsistencySession;
import io.github.r2dbcrouting.selection.RouteDecision;
import io.github.r2dbcrouting.services.StatementRoute;
import io.github.r2dbcrouting.settings.ConsistencySettings;
import io.github.r2dbcrouting.switches.ShadowCounts.ShadowedRead;
import io.github.r2dbcrouting.switches.Terms;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.util.context.Context;

/** Where reads go while operators have switched something, and what their sessions see. */
class SwitchedReadsTests {

    private static final Terms TEST = Terms.because("a test");

    private ScriptedDriver driver = new ScriptedDriver(ScriptedDriver.RETRIES, 3);

    @AfterEach
    void close() {
        driver.close();
    }

    /** Of reads that fall back, two may be there at a time. */
    @Test
    void shouldLetAllReadsOntoThePrimaryWhileRoutingIsOff() {
        driver.switches.routingOff(TEST);
        for (int i = 0; i < 3; i++) {
            Signals.rows(driver.connect(), "SELECT 1");
        }
        assertThat(nodes()).containsExactly("p", "p", "p");
        assertThat(driver.fallbackReads().admitted()).isZero();
        driver.switches.routingOn(TEST);
        Signals.rows(driver.connect(), "SELECT 1");
        assertThat(roles()).endsWith(NodeRole.REPLICA);
    }

    @Test
    void shouldLeaveATransactionWhereItIsWhenRoutingIsSwitchedOff() {
        RoutingConnection connection = driver.connect();
        Signals.of(connection.beginTransaction(ReadOnly.TRANSACTION));
        driver.switches.routingOff(TEST);
        Signals.rows(connection, "SELECT 1");
        assertThat(roles()).containsOnly(NodeRole.REPLICA);
        answer();
        Signals.of(connection.rollbackTransaction());
        Signals.rows(connection, "SELECT 1");
        assertThat(roles()).endsWith(NodeRole.PRIMARY);
    }

    @Test
    void shouldReadWhatWasWrittenAtOnceWhereNoReplicaIsAsked() {
        driver.close();
        driver = new ScriptedDriver(ScriptedDriver.RETRIES, 3, ConsistencySettings.defaults());
        Signals.update(driver.connect(), "INSERT INTO item VALUES (1)");
        driver.sent().answer();
        driver.switches.routingOff(TEST);
        Signals.rows(driver.connect(), "SELECT 1");
        assertThat(nodes()).containsExactly("p", "p");
    }

    @Test
    void shouldKeepASessionOnItsSideOfTheShare() {
        driver.switches.replicaShare(50, TEST);
        int onReplicas = 0;
        for (int i = 0; i < 10; i++) {
            ConsistencySession session = ConsistencySession.create();
            NodeRole side = readIn(session);
            assertThat(List.of(readIn(session), readIn(session))).containsOnly(side);
            onReplicas += side == NodeRole.REPLICA ? 1 : 0;
        }
        assertThat(onReplicas).isBetween(4, 6);
        assertThat(driver.fallbackReads().admitted()).isZero();
    }

    @Test
    void shouldMoveSessionsOnlyToReplicasWhenTheShareGrows() {
        List<ConsistencySession> sessions = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            sessions.add(ConsistencySession.create());
        }
        List<NodeRole> before = null;
        for (int share : new int[] {5, 25, 50, 100}) {
            driver.switches.replicaShare(share, TEST);
            List<NodeRole> now = sessions.stream().map(this::readIn).toList();
            for (int i = 0; before != null && i < now.size(); i++) {
                assertThat(before.get(i) == NodeRole.REPLICA && now.get(i) == NodeRole.PRIMARY)
                        .isFalse();
            }
            assertThat(now.stream().filter(role -> role == NodeRole.REPLICA).count())
                    .isBetween(share / 5L - 1, share / 5L + 1);
            before = now;
        }
    }

    @Test
    void shouldKeepAVirtualConnectionWithoutASessionOnItsSideOfTheShare() {
        driver.switches.replicaShare(50, TEST);
        int onReplicas = 0;
        for (int i = 0; i < 10; i++) {
            RoutingConnection connection = driver.connect();
            List<NodeRole> sides = new ArrayList<>();
            for (int n = 0; n < 3; n++) {
                Signals.rows(connection, "SELECT 1");
                sides.add(roles().get(roles().size() - 1));
                answer();
            }
            assertThat(sides).containsOnly(sides.get(0));
            onReplicas += sides.get(0) == NodeRole.REPLICA ? 1 : 0;
        }
        assertThat(onReplicas).isBetween(4, 6);
    }

    /** Else the share would be all or nothing. */
    @Test
    void shouldNotTakeThoseWhoShareASessionForOne() {
        driver.close();
        driver = new ScriptedDriver(ScriptedDriver.RETRIES, 3, ConsistencySettings.defaults());
        driver.switches.replicaShare(50, TEST);
        for (int i = 0; i < 10; i++) {
            Signals.rows(driver.connect(), "SELECT 1");
            sample();
            answer();
        }
        assertThat(roles()).contains(NodeRole.PRIMARY, NodeRole.REPLICA);
    }

    @Test
    void shouldRunOnThePrimaryInShadowModeAndRecordWhereItWouldHaveGone() {
        driver.switches.shadowOn(TEST);
        List<RouteDecision> explained = new ArrayList<>();
        Signals.of(Flux.from(driver.connect().createStatement("SELECT 'secret'").execute())
                .contextWrite(Routing.explain(explained::add)));
        assertThat(nodes()).containsExactly("p");
        assertThat(driver.shadow.counts().onReplicas()).isEqualTo(1);
        assertThat(driver.shadow.counts().sample())
                .containsExactly(new ShadowedRead("SELECT …", new NodeId("r1"), "an eligible replica"));
        assertThat(explained).singleElement().satisfies(decision -> {
            RouteDecision shadowed = Objects.requireNonNull(decision.shadowed());
            assertThat(Objects.requireNonNull(shadowed.node()).id()).isEqualTo(new NodeId("r1"));
        });
        assertThat(driver.fallbackReads().admitted()).isZero();
        Signals.update(driver.connect(), "INSERT INTO item VALUES (1)");
        assertThat(driver.shadow.counts().total()).isEqualTo(1);
    }

    @Test
    void shouldNotGoBackInTimeWhenTheNodeOfTheLastReadIsExcluded() {
        ConsistencySession session = ConsistencySession.create();
        readMonotonically(session);
        String first = nodes().get(0);
        answer();
        driver.switches.exclude(first, TEST);
        readMonotonically(session);
        assertThat(nodes()).as("what the first one has shown is not known yet").hasSize(1);
        driver.pass(50);
        assertThat(nodes()).containsExactly(first, "p");
        assertThat(driver.services.routing().sessions().catchUp().counts().weakened())
                .isEqualTo(1);
    }

    @Test
    void shouldReadOnAnotherReplicaThatHasCaughtUpWithTheOneThatIsExcluded() {
        ConsistencySession session = ConsistencySession.create();
        readMonotonically(session);
        String first = nodes().get(0);
        answer();
        driver.switches.exclude(first, TEST);
        readMonotonically(session);
        sample();
        assertThat(nodes()).hasSize(2).doesNotContain("p").doesNotHaveDuplicates();
    }

    @Test
    void shouldSayThatReadsMayGoBackWhenRoutingIsSwitchedOffBetweenThem() {
        ConsistencySession session = ConsistencySession.create();
        readMonotonically(session);
        answer();
        driver.switches.routingOff(TEST);
        readMonotonically(session);
        assertThat(nodes()).as("at once").hasSize(2).endsWith("p");
        assertThat(driver.services.routing().sessions().catchUp().counts().weakened())
                .isEqualTo(1);
    }

    /** Shows that the replicas have all that was on the primary by now: whatever runs there may have written. */
    private void sample() {
        driver.pass(1);
        long now = driver.time.now(TimeUnit.NANOSECONDS);
        driver.publish(
                sampled("p", NodeRole.PRIMARY, now),
                sampled("r1", NodeRole.REPLICA, now),
                sampled("r2", NodeRole.REPLICA, now));
        driver.pass(1);
    }

    private static NodeState sampled(String name, NodeRole role, long at) {
        return node(name, role, NodeHealth.HEALTHY, 0, 1, at, 7);
    }

    private void readMonotonically(ConsistencySession session) {
        read(Routing.session(session).andThen(Routing.consistency(Consistency.session())));
    }

    private void read(Function<Context, Context> hints) {
        Signals.of(Flux.from(driver.connect().createStatement("SELECT 1").execute())
                .concatMap(result -> result.map((row, metadata) -> row.get(0)))
                .contextWrite(hints));
    }

    /** Answers whatever runs; a pool may have several connections to choose from. */
    private void answer() {
        List<ScriptedExecution> running = driver.connections.stream()
                .flatMap(connection -> connection.executions.stream())
                .filter(execution -> !execution.hasEnded())
                .toList();
        running.forEach(execution -> execution.answer(1));
    }

    private NodeRole readIn(ConsistencySession session) {
        read(Routing.session(session));
        sample();
        NodeRole role = roles().get(roles().size() - 1);
        answer();
        return role;
    }

    private List<String> nodes() {
        return driver.routes.stream().map(route -> route.node().name()).toList();
    }

    private List<NodeRole> roles() {
        return driver.routes.stream().map(StatementRoute::role).toList();
    }
}
