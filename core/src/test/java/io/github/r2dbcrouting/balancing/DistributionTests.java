package io.github.r2dbcrouting.balancing;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.topology.NodeShare;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who gets how much of a million picks: to the pick where turns are taken, by the χ² test where lots are drawn from a fixed seed. */
class DistributionTests {

    private static final int PICKS = 1_000_000;
    private static final long SEED = 20_170_613;

    @ParameterizedTest
    @ValueSource(strings = {"adaptive", "random"})
    void shouldDrawEqualNodesEquallyOften(String name) {
        Replicas replicas = Replicas.of(10);
        long[] counts = replicas.count(PICKS, LoadBalancer.valueOf(name).seeded(SEED));
        assertDistributed(counts, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"adaptive", "random"})
    void shouldDrawNodesByTheirWeights(String name) {
        Replicas replicas = Replicas.weighing(5, 3, 1, 1);
        long[] counts = replicas.count(PICKS, LoadBalancer.valueOf(name).seeded(SEED));
        assertDistributed(counts, 5, 3, 1, 1);
    }

    @Test
    void shouldDrawEqualNodesEquallyOftenWhateverTheirNoise() {
        Replicas replicas = Replicas.of(4);
        for (int i = 0; i < 4; i++) {
            replicas.answer(i, Duration.ofNanos(300_000 + 100_000 * i));
        }
        assertDistributed(replicas.count(PICKS, LoadBalancer.adaptive().seeded(SEED)), 1, 1, 1, 1);
    }

    @Test
    void shouldDrawEachPairEquallyOftenSoThatTheWorstNodeIsNeverTakenAndTheBestInHalfOfThem() {
        Replicas replicas = Replicas.of(4);
        for (int i = 0; i < 4; i++) {
            replicas.answer(i, Duration.ofMillis(5L << i));
        }
        long[] counts = replicas.count(PICKS, LoadBalancer.adaptive().seeded(SEED));
        assertThat(counts[3]).isZero();
        assertDistributed(Arrays.copyOf(counts, 3), 3, 2, 1);
    }

    @ParameterizedTest
    @MethodSource("whatTakesTurnsAmongEquals")
    void shouldTakeEqualNodesInTurn(LoadBalancer balancer) {
        Replicas replicas = Replicas.of(10);
        assertThat(replicas.count(PICKS, balancer)).containsOnly(PICKS / 10);
    }

    static Stream<LoadBalancer> whatTakesTurnsAmongEquals() {
        return Stream.of("weighted", "roundRobin", "leastConnections", "leastLag", "fastest", "score")
                .map(name -> LoadBalancer.valueOf(name).seeded(SEED));
    }

    /** As the reads of one request do, of which the first is for one region and the second for another. */
    @ParameterizedTest
    @MethodSource("whatTakesTurnsAmongEquals")
    void shouldTakeNodesInTurnThoughReadsForOthersComeBetween(LoadBalancer balancer) {
        List<Candidate> all = Replicas.of(4).candidates();
        Map<Candidate, Integer> counts = new HashMap<>();
        for (int i = 0; i < 100; i++) {
            // As a new snapshot has them: other lists of the same nodes.
            counts.merge(balancer.choose(List.copyOf(all.subList(0, 2))), 1, Integer::sum);
            counts.merge(balancer.choose(all.subList(2, 4)), 1, Integer::sum);
        }
        assertThat(counts)
                .hasSize(4)
                .allSatisfy((node, count) -> assertThat(count).isEqualTo(50));
    }

    @Test
    void shouldTakeTurnsAmongMoreSetsThanItRemembers() {
        List<Candidate> all = Replicas.of(600).candidates();
        LoadBalancer balancer = LoadBalancer.roundRobin();
        for (int i = 0; i + 2 <= all.size(); i++) {
            List<Candidate> two = all.subList(i, i + 2);
            assertThat(List.of(balancer.choose(two), balancer.choose(two))).containsExactlyElementsOf(two);
        }
    }

    @Test
    void shouldTakeWeighedNodesAsOftenAsTheirWeightsSay() {
        Replicas replicas = Replicas.weighing(50, 30, 10, 10);
        assertThat(replicas.count(PICKS, LoadBalancer.weighted().seeded(SEED)))
                .containsExactly(500_000, 300_000, 100_000, 100_000);
    }

    @Test
    void shouldSpreadTheTurnsOfAWeighedNodeAsNginxDoes() {
        assertThat(Weighted.cycle(new int[] {5, 1, 1})).containsExactly(0, 0, 1, 0, 2, 0, 0);
        assertThat(Weighted.cycle(new int[] {4, 2, 2})).containsExactly(0, 1, 2, 0);
    }

    @Test
    void shouldRoundWeightsWhoseCycleWouldBeTooLong() {
        int[] weights = IntStream.rangeClosed(901, 1_000).toArray();
        int[] cycle = Weighted.cycle(weights);
        assertThat(cycle).hasSizeBetween(Weighted.LONGEST_CYCLE - 100, Weighted.LONGEST_CYCLE + 100);
        assertThat(Arrays.stream(cycle).distinct().count()).isEqualTo(100);
        assertThat(Weighted.cycle(new int[] {1_000, 1})).hasSize(1_001);
    }

    @Test
    void shouldGiveWhatIsNeverOverToWhatHasTheLeastForItsWeight() {
        Replicas replicas = Replicas.weighing(5, 3, 1, 1);
        LoadBalancer balancer = LoadBalancer.leastConnections().seeded(SEED);
        long[] counts = replicas.count(PICKS, all -> {
            Candidate chosen = balancer.choose(all);
            chosen.load().began();
            return chosen;
        });
        assertThat(counts).containsExactly(500_000, 300_000, 100_000, 100_000);
    }

    @Test
    void shouldSpreadAdaptivelyWhatIsNeverOver() {
        Replicas replicas = Replicas.weighing(5, 3, 1, 1);
        LoadBalancer balancer = LoadBalancer.adaptive().seeded(SEED);
        replicas.count(PICKS / 10, all -> {
            Candidate chosen = balancer.choose(all);
            chosen.load().began();
            return chosen;
        });
        assertThat(replicas.load(0).inFlight()).isBetween(45_000, 55_000);
        assertThat(replicas.load(1).inFlight()).isBetween(27_000, 33_000);
        assertThat(replicas.load(2).inFlight()).isBetween(9_000, 11_000);
    }

    @Test
    void shouldTakeACostlyNodeOnlyWhereTheOthersAreTwiceAsBusy() {
        Replicas replicas =
                Replicas.of(1).add(NodeShare.EQUAL.withCost(2), Duration.ZERO).add(NodeShare.EQUAL, Duration.ZERO);
        for (String name : new String[] {"adaptive", "leastConnections"}) {
            LoadBalancer balancer = LoadBalancer.valueOf(name);
            assertThat(replicas.count(1_000, balancer)[1]).as(name).isZero();
        }
        for (int i = 0; i < 2; i++) {
            replicas.load(0).began();
            replicas.load(2).began();
        }
        assertThat(LoadBalancer.leastConnections().choose(replicas.candidates()))
                .isSameAs(replicas.get(1));
        assertThat(replicas.count(1_000, LoadBalancer.adaptive())[1]).isGreaterThan(500);
    }

    /** Against the value that 0.1 % of samples exceed, by the approximation of Wilson and Hilferty. */
    private static void assertDistributed(long[] counts, int... shares) {
        double total = Arrays.stream(counts).sum();
        double lots = Arrays.stream(shares).sum();
        double chiSquare = 0;
        for (int i = 0; i < counts.length; i++) {
            double expected = total * shares[i] / lots;
            chiSquare += Math.pow(counts[i] - expected, 2) / expected;
        }
        double freedom = counts.length - 1;
        double limit = freedom * Math.pow(1 - 2 / (9 * freedom) + 3.0902 * Math.sqrt(2 / (9 * freedom)), 3);
        assertThat(chiSquare).as("counts %s", Arrays.toString(counts)).isLessThan(limit);
    }
}
