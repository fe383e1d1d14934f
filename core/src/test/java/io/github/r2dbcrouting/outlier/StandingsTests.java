package io.github.r2dbcrouting.outlier;

import static io.github.r2dbcrouting.outlier.SeenNodes.cluster;
import static io.github.r2dbcrouting.outlier.SeenNodes.id;
import static io.github.r2dbcrouting.outlier.SeenNodes.node;
import static io.github.r2dbcrouting.outlier.SeenNodes.replica;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.r2dbcrouting.outlier.OutlierFinding.Cause;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeProblem.Kind;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StandingsTests {

    private static final long SECOND = 1_000_000_000;

    private Standings standings = Standings.clean(OutlierSettings.defaults(), true);
    private Topology seen = cluster(4);
    private Set<NodeId> keptOut = Set.of();
    private long now = 100 * SECOND;

    private void find(String name, Cause cause) {
        standings = standings
                .at(now)
                .found(new OutlierFinding(id(name), 1, cause, "seen"), standings.over(seen, now), keptOut, now, 0);
    }

    private List<String> leftOut() {
        return standings.over(seen, now).nodes().stream()
                .filter(node -> node.health() == NodeHealth.DEGRADED)
                .map(node -> node.id().name())
                .toList();
    }

    private NodeState shown(String name) {
        return standings.over(seen, now).node(id(name));
    }

    @Test
    void shouldShowAReplicaThatFailsStatementsAsDegradedUntilItsTimeIsOver() {
        find("r2", Cause.ERRORS);
        assertThat(shown("r2").health()).isEqualTo(NodeHealth.DEGRADED);
        assertThat(shown("r2").isFailing()).isTrue();
        assertThat(shown("r2").problem()).hasToString("is left out for 5 s: seen");
        assertThat(standings.nextEnd(now)).isEqualTo(5 * SECOND);

        now += 5 * SECOND - 1;
        assertThat(leftOut()).containsExactly("r2");

        now += 1;
        assertThat(leftOut()).isEmpty();
        assertThat(standings.at(now).nextEnd(now)).isNull();
    }

    @Test
    void shouldLeaveOutTheLastThatOperatorsHaveLeftToReadsOnlyForAMoment() {
        seen = cluster(2);
        keptOut = Set.of(id("r2"));
        find("r1", Cause.LATENCY);
        assertThat(leftOut()).isEmpty();
        for (int i = 0; i < 3; i++) {
            find("r1", Cause.ERRORS);
            assertThat(standings.nextEnd(now)).isEqualTo(SECOND);
            now += SECOND;
        }
    }

    @Test
    void shouldDoubleTheTimeUpToTheLongestAndHalveItForGoodBehaviour() {
        List<Long> terms = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            find("r1", Cause.LATENCY);
            long term = standings.nextEnd(now);
            terms.add(term / SECOND);
            now += term;
        }
        assertThat(terms).containsExactly(5L, 10L, 20L, 40L, 80L, 160L, 300L, 300L, 300L);

        now += 300 * SECOND * 8;
        find("r1", Cause.LATENCY);
        assertThat(standings.nextEnd(now)).isEqualTo(10 * SECOND);

        now += 10 * SECOND + 3600 * SECOND;
        find("r1", Cause.LATENCY);
        assertThat(standings.nextEnd(now)).isEqualTo(5 * SECOND);
    }

    @Test
    void shouldSpreadTheEnds() {
        OutlierFinding finding = new OutlierFinding(id("r1"), 1, Cause.LATENCY, "seen");

        assertThat(standings.found(finding, seen, keptOut, now, 0).nextEnd(now)).isEqualTo(5 * SECOND);
        assertThat(standings.found(finding, seen, keptOut, now, 1).nextEnd(now)).isEqualTo(6 * SECOND);
    }

    @ParameterizedTest
    @CsvSource({"1, 0.5, 0", "2, 0.5, 1", "3, 0.5, 1", "4, 0.5, 1", "5, 0.5, 2", "9, 0.5, 4", "2, 1, 1", "4, 1, 3"})
    void shouldLeaveOutABoundedShareOfThoseThatAreSlow(int replicas, double share, int most) {
        OutlierSettings defaults = OutlierSettings.defaults();
        OutlierSettings.Term term = new OutlierSettings.Term(Duration.ofSeconds(5), Duration.ofMinutes(5), share);
        standings = Standings.clean(new OutlierSettings(true, 5, defaults.latency(), term, defaults.flapping()), true);
        seen = cluster(replicas);
        for (int i = 1; i <= replicas; i++) {
            find("r" + i, Cause.LATENCY);
        }
        assertThat(leftOut()).hasSize(most);
    }

    @Test
    void shouldLeaveOutAllThatFailWhileThePrimaryCanStepInButBriefly() {
        seen = cluster(2);
        find("r1", Cause.ERRORS);
        find("r2", Cause.ERRORS);
        assertThat(leftOut()).containsExactly("r1", "r2");

        now += SECOND;
        assertThat(leftOut()).containsExactly("r1");

        find("r2", Cause.ERRORS);
        assertThat(standings.nextEnd(now)).as("not held against it").isEqualTo(SECOND);
    }

    @Test
    void shouldLeaveOutNoneBeyondTheBoundWithoutAPrimaryToStepIn() {
        seen = SeenNodes.withoutPrimary(cluster(2));
        find("r1", Cause.ERRORS);
        find("r2", Cause.ERRORS);
        assertThat(leftOut()).containsExactly("r1");

        standings = Standings.clean(OutlierSettings.defaults(), false);
        seen = cluster(2);
        find("r1", Cause.ERRORS);
        find("r2", Cause.ERRORS);
        assertThat(leftOut()).containsExactly("r1");
    }

    @Test
    void shouldNeverLeaveOutThePrimary() {
        find("p", Cause.ERRORS);
        find("p", Cause.LATENCY);

        assertThat(leftOut()).isEmpty();
    }

    @Test
    void shouldIgnoreWhatWasFoundOfAnotherLife() {
        standings = standings.found(new OutlierFinding(id("r1"), 0, Cause.ERRORS, "late"), seen, keptOut, now, 0);

        assertThat(leftOut()).isEmpty();
    }

    @Test
    void shouldFindNothingWhereThatIsOff() {
        OutlierSettings on = OutlierSettings.defaults();
        standings = Standings.clean(
                new OutlierSettings(false, on.consecutiveErrors(), on.latency(), on.term(), on.flapping()), true);
        find("r1", Cause.ERRORS);

        assertThat(leftOut()).isEmpty();
    }

    @Test
    void shouldEndWithTheNextLifeOfTheNode() {
        find("r1", Cause.ERRORS);
        NodeState next = node("r1", NodeRole.REPLICA, NodeHealth.HEALTHY, 2);
        standings = standings.seen(replica("r1"), next, 4, now);

        assertThat(leftOut()).isEmpty();
    }

    @Test
    void shouldOutlastAnAnswerToAProbe() {
        find("r1", Cause.ERRORS);
        standings = standings.seen(replica("r1"), replica("r1"), 4, now + 1);

        assertThat(leftOut()).containsExactly("r1");
    }

    @Test
    void shouldSayNothingMoreOfANodeThatDoesNotAnswer() {
        find("r1", Cause.ERRORS);
        NodeState silent = node("r1", NodeRole.REPLICA, NodeHealth.UNHEALTHY, 1);
        seen = new Topology(
                1, List.of(seen.nodes().get(0), silent), seen.nodes().get(0), null);

        assertThat(shown("r1")).isEqualTo(silent);
    }

    @Test
    void shouldHoldBackANodeThatComesAndGoesUntilItHasBeenStable() {
        NodeState up = replica("r1");
        NodeState down = node("r1", NodeRole.REPLICA, NodeHealth.UNHEALTHY, 1);
        for (int i = 0; i < 3; i++) {
            standings = standings.seen(i % 2 == 0 ? up : down, i % 2 == 0 ? down : up, 4, now);
            now += SECOND;
        }
        assertThat(leftOut()).isEmpty();

        standings = standings.seen(down, up, 4, now);
        assertThat(shown("r1").problem().kind()).isEqualTo(Kind.FLAPPING);
        assertThat(shown("r1").problem())
                .hasToString("flaps: 4 changes in 30 s; held back until it has been stable for 30 s");

        now += 29 * SECOND;
        standings = standings.seen(up, down, 4, now).seen(down, up, 4, now);
        now += 29 * SECOND;
        assertThat(leftOut()).containsExactly("r1");

        now += SECOND;
        assertThat(leftOut()).isEmpty();
    }

    /** It is this process, or its network, that cannot keep up. */
    @Test
    void shouldHoldBackNoNodeWhileHalfOfTheOthersComeAndGoToo() {
        for (int i = 0; i < 6; i++) {
            for (String name : List.of("r1", "r2", "r3")) {
                NodeState up = replica(name);
                NodeState down = node(name, NodeRole.REPLICA, NodeHealth.UNHEALTHY, 1);
                standings = standings.seen(i % 2 == 0 ? up : down, i % 2 == 0 ? down : up, 4, now);
            }
            now += SECOND;
        }
        assertThat(leftOut()).isEmpty();
    }

    @Test
    void shouldTolerateChangesThatAreFarApart() {
        NodeState up = replica("r1");
        NodeState down = node("r1", NodeRole.REPLICA, NodeHealth.UNHEALTHY, 1);
        for (int i = 0; i < 50; i++) {
            now += 11 * SECOND;
            standings = standings
                    .seen(i % 2 == 0 ? up : down, i % 2 == 0 ? down : up, 4, now)
                    .at(now);
            assertThat(leftOut()).isEmpty();
        }
    }

    @Test
    void shouldNotTakeTheFirstAnswerForAChange() {
        NodeState unknown = node("r1", NodeRole.UNKNOWN, NodeHealth.UNKNOWN, 0);
        for (int i = 0; i < 10; i++) {
            standings = standings.seen(unknown, replica("r1"), 4, now);
        }
        assertThat(leftOut()).isEmpty();
    }

    @Test
    void shouldRefuseSettingsThatCannotWork() {
        OutlierSettings on = OutlierSettings.defaults();
        Duration second = Duration.ofSeconds(1);

        assertThatThrownBy(() -> new OutlierSettings(true, 1, on.latency(), on.term(), on.flapping()))
                .hasMessageContaining("at least 2, got 1");
        assertThatThrownBy(() -> new OutlierSettings.Latency(1, second)).hasMessageContaining("more than 1");
        assertThatThrownBy(() -> new OutlierSettings.Latency(2, Duration.ZERO)).hasMessageContaining("floor");
        assertThatThrownBy(() -> new OutlierSettings.Term(second, Duration.ofMillis(999), 0.5))
                .hasMessageContaining("longest ejection time");
        assertThatThrownBy(() -> new OutlierSettings.Term(second, second, 0)).hasMessageContaining("above 0");
        assertThatThrownBy(() -> new OutlierSettings.Term(second, second, 1.1)).hasMessageContaining("at most 1");
        assertThatThrownBy(() -> new OutlierSettings.Flapping(1, second)).hasMessageContaining("at least 2");
        assertThatThrownBy(() -> new OutlierSettings.Flapping(2, Duration.ZERO)).hasMessageContaining("window");
    }
}
