package io.github.r2dbcrouting.outlier;

import static io.github.r2dbcrouting.outlier.SeenNodes.cluster;
import static io.github.r2dbcrouting.outlier.SeenNodes.id;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.outlier.OutlierFinding.Cause;
import io.github.r2dbcrouting.outlier.OutlierWatch.Report;
import io.github.r2dbcrouting.position.Branch;
import io.github.r2dbcrouting.position.LogPosition;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeProblem;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.NodeShare;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Placement;
import io.github.r2dbcrouting.topology.Replication;
import io.github.r2dbcrouting.topology.ReplicationLink;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OutlierWatchTests {

    private static final long MILLI = 1_000_000;

    private final Outcomes outcomes = new Outcomes(OutlierSettings.defaults());
    private final OutlierWatch watch = new OutlierWatch(OutlierSettings.defaults(), outcomes);
    private final List<OutlierFinding> found = new ArrayList<>();
    private final List<String> doubted = new ArrayList<>();
    private Topology seen = cluster(3);
    private long now = 1_000_000 * MILLI;

    OutlierWatchTests() {
        look();
    }

    private NodeOutcomes of(String name) {
        return outcomes.of(id(name), 1);
    }

    private void answer(String name, int statements, long millis) {
        for (int i = 0; i < statements; i++) {
            of(name).began();
            of(name).answered(millis * MILLI);
        }
    }

    private void begin(String name, int statements) {
        for (int i = 0; i < statements; i++) {
            of(name).began();
        }
        look();
    }

    private void look() {
        Report report = watch.look(seen, now);
        found.addAll(report.findings());
        report.doubted().forEach(node -> doubted.add(node.id().name()));
    }

    /** Lets time go by, in which the other replicas answer as usual. */
    private void go(int looks) {
        for (int i = 0; i < looks; i++) {
            now += OutlierWatch.PERIOD.toNanos();
            answer("r2", 6, 1);
            answer("r3", 6, 1);
            look();
        }
    }

    private void answersItsProbe(String name) {
        List<NodeState> nodes = new ArrayList<>(seen.nodes());
        nodes.replaceAll(node -> node.id().equals(id(name))
                ? new NodeState(
                        node.settings(),
                        node.role(),
                        node.health(),
                        0,
                        1,
                        null,
                        new Replication(
                                new LogPosition(Branch.ofTimeline(1), 1),
                                now,
                                Duration.ofMillis(1),
                                null,
                                ReplicationLink.UNKNOWN),
                        null)
                : node);
        seen = new Topology(1, nodes, nodes.get(0), null);
    }

    @Test
    void shouldFindAReplicaThatFailsSoManyStatementsInARowOnce() {
        for (int i = 0; i < 5; i++) {
            of("r1").failedBefore(now + i, now + i);
        }
        look();
        look();

        assertThat(found)
                .containsExactly(
                        new OutlierFinding(id("r1"), 1, Cause.ERRORS, "5 statements in a row failed by its fault"));
    }

    @Test
    void shouldFindAReplicaThatIsFarSlowerThanItsPeers() {
        for (int i = 0; i < 30; i++) {
            answer("r1", 3, 200);
            go(1);
        }
        assertThat(found).singleElement().satisfies(finding -> {
            assertThat(finding.node()).isEqualTo(id("r1"));
            assertThat(finding.cause()).isEqualTo(Cause.LATENCY);
            assertThat(finding.seen())
                    .matches("half of its statements take longer than 1\\d\\d ms, those of its peers .* ms");
        });
    }

    @Test
    void shouldTolerateOneThatIsSlowerByLessThanTheFloor() {
        for (int i = 0; i < 60; i++) {
            answer("r1", 3, 60);
            go(1);
        }
        assertThat(found).isEmpty();
    }

    @Test
    void shouldNotJudgeByFewStatements() {
        for (int i = 0; i < 30; i++) {
            answer("r1", i % 2, 200);
            go(1);
        }
        assertThat(found).isEmpty();

        // It is given more than one window to have enough.
        for (int i = 0; i < 30; i++) {
            answer("r1", i % 2, 200);
            go(1);
        }
        assertThat(found).hasSize(1);
    }

    @Test
    void shouldDoubtAStillReplicaAndFindItSlowUnlessItAnswersItsProbe() {
        answer("r1", 30, 1);
        go(1);
        begin("r1", 4);
        go(1);
        assertThat(doubted).containsExactly("r1");
        assertThat(found).isEmpty();

        go(2);
        assertThat(found).isEmpty();

        go(1);
        assertThat(doubted).containsExactly("r1");
        assertThat(found)
                .singleElement()
                .satisfies(finding -> assertThat(finding.seen())
                        .isEqualTo(
                                "none of the statements under way, 4, was answered for 400 ms, nor was a probe, while other nodes answered"
                                        + " theirs"));
    }

    @Test
    void shouldTakeAReplicaThatAnswersItsProbeForSlowOnlyAfterLongerAndWithMore() {
        answer("r1", 30, 1);
        go(1);
        begin("r1", 9);
        go(1);
        answersItsProbe("r1");
        go(30);
        assertThat(doubted).containsExactly("r1");
        assertThat(found).isEmpty();

        begin("r1", 1);
        go(1);
        assertThat(found)
                .singleElement()
                .satisfies(finding -> assertThat(finding.seen())
                        .startsWith("none of the statements under way, 10, was answered for ")
                        .doesNotContain("nor was a probe"));
    }

    @Test
    void shouldDoubtAReplicaOnceForAStatementThatTakesItsTime() {
        begin("r1", 1);
        go(1);
        answersItsProbe("r1");
        go(100);
        assertThat(doubted).containsExactly("r1");
        assertThat(found).isEmpty();
    }

    @Test
    void shouldNotDoubtOneWhoseStatementsEnd() {
        begin("r1", 10);
        for (int i = 0; i < 50; i++) {
            answer("r1", 1, 1);
            go(1);
        }
        assertThat(doubted).isEmpty();
    }

    /** Long statements are usual there. */
    @Test
    void shouldWaitForAsManyTimesAsLongAsIsUsualOnTheReplica() {
        for (int i = 0; i < 30; i++) {
            answer("r1", 3, 90);
            go(1);
        }
        begin("r1", 20);
        go(4);
        assertThat(doubted).isEmpty();

        go(3);
        assertThat(doubted).containsExactly("r1");
    }

    @Test
    void shouldNotDoubtNodesWhileThisProcessStoodStill() {
        begin("r1", 10);
        begin("r2", 10);
        look();
        now += 60_000 * MILLI;
        look();
        now += OutlierWatch.PERIOD.toNanos();
        look();

        assertThat(doubted).isEmpty();
    }

    private void settle(String name, UnaryOperator<NodeSettings> change) {
        List<NodeState> nodes = new ArrayList<>(seen.nodes());
        nodes.replaceAll(node -> node.id().equals(id(name))
                ? new NodeState(
                        change.apply(node.settings()),
                        node.role(),
                        node.health(),
                        0,
                        node.generation(),
                        null,
                        node.replication(),
                        null)
                : node);
        seen = new Topology(1, nodes, nodes.get(0), null);
    }

    private void answerSlowly(String name) {
        for (int i = 0; i < 60; i++) {
            answer(name, 3, 1_500);
            go(1);
        }
    }

    /** Its reads are others, or come from further away. */
    @Test
    void shouldNotCompareReplicasForOtherReadsOrElsewhere() {
        settle("r1", node -> node.at(Placement.NONE.tagged(Set.of("analytics"))));
        answerSlowly("r1");
        settle("r1", node -> node.at(Placement.NONE.inRegion("far")));
        answerSlowly("r1");
        settle("r1", node -> node.at(Placement.NONE.inZone("far")));
        answerSlowly("r1");
        settle("r1", node -> node.at(Placement.NONE).sharing(new NodeShare(1, 2, 1)));
        answerSlowly("r1");
        assertThat(found).isEmpty();

        settle("r1", node -> node.sharing(NodeShare.EQUAL));
        answerSlowly("r1");
        assertThat(found).isNotEmpty();
    }

    @Test
    void shouldCompareReplicasOfTheSamePlace() {
        seen = cluster(4);
        settle("r1", node -> node.at(Placement.NONE.inRegion("far")));
        settle("r4", node -> node.at(Placement.NONE.inRegion("far")));
        for (int i = 0; i < 60; i++) {
            answer("r4", 3, 20);
            answer("r1", 3, 1_500);
            go(1);
        }
        assertThat(found).isNotEmpty().allMatch(finding -> finding.node().equals(id("r1")));
    }

    /** Ten reads of seconds are usual there. */
    @Test
    void shouldNotTakeAReplicaWithoutPeersForSlowThatAnswersItsProbe() {
        settle("r1", node -> node.at(Placement.NONE.tagged(Set.of("analytics"))));
        begin("r1", 30);
        go(1);
        assertThat(doubted).containsExactly("r1");
        answersItsProbe("r1");
        settle("r1", node -> node.at(Placement.NONE.tagged(Set.of("analytics"))));
        go(100);
        assertThat(found).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = NodeProblem.Kind.class,
            names = {"SATURATED", "REFUSING", "UNASKED"})
    void shouldNotTakeAReplicaForSlowOnWhichTheMonitorGetsNoConnection(NodeProblem.Kind kind) {
        List<NodeState> nodes = new ArrayList<>(seen.nodes());
        nodes.replaceAll(node -> node.id().equals(id("r1"))
                ? node.degraded(new NodeProblem(kind, "too many connections", "", ""))
                : node);
        seen = new Topology(1, nodes, nodes.get(0), null);
        begin("r1", 1);
        go(100);
        assertThat(found).isEmpty();
    }

    @Test
    void shouldFindASlowReplicaThatHasEnoughStatementsToBeJudgedWhenItsPeersHaveNot() {
        answer("r2", 10, 1);
        answer("r3", 10, 1);
        for (int i = 0; i < 6; i++) {
            now += Duration.ofSeconds(3).toNanos();
            answer("r1", 10, 400);
            answer("r2", 10, 1);
            answer("r3", 10, 1);
            look();
        }
        assertThat(found)
                .isNotEmpty()
                .allSatisfy(finding -> assertThat(finding.node()).isEqualTo(id("r1")));
    }

    @Test
    void shouldTakeAReplicaWithoutPeersForSlowThatDoesNotAnswerItsProbe() {
        settle("r1", node -> node.at(Placement.NONE.tagged(Set.of("analytics"))));
        begin("r1", 1);
        go(5);
        assertThat(found)
                .singleElement()
                .satisfies(finding -> assertThat(finding.seen()).contains("nor was a probe"));
    }

    @Test
    void shouldNotFindThePrimary() {
        begin("p", 10);
        for (int i = 0; i < 10; i++) {
            of("p").failedBefore(now + i, now + i);
        }
        for (int i = 0; i < 60; i++) {
            answer("p", 3, 900);
            go(1);
        }
        assertThat(found).isEmpty();
    }

    @Test
    void shouldForgetWhatItKnewOfAnEarlierLife() {
        answer("r1", 30, 1);
        begin("r1", 10);
        List<NodeState> nodes = new ArrayList<>(seen.nodes());
        nodes.set(1, SeenNodes.node("r1", NodeRole.REPLICA, NodeHealth.HEALTHY, 2));
        seen = new Topology(1, nodes, nodes.get(0), null);
        go(50);

        assertThat(doubted).isEmpty();
        assertThat(found).isEmpty();
    }
}
