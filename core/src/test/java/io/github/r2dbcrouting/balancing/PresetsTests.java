package io.github.r2dbcrouting.balancing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.r2dbcrouting.topology.NodeShare;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds for every balancer that has a name. */
class PresetsTests {

    private static final String ALL_OF_THEM =
            "adaptive, weighted, roundRobin, random, leastConnections, leastLag, fastest, score";

    static final List<String> NAMES = List.of(ALL_OF_THEM.split(", "));

    @Test
    void shouldFindABalancerByItsNameInAnyCase() {
        for (String name : NAMES) {
            assertThat(LoadBalancer.valueOf(name)).hasToString(name);
            assertThat(LoadBalancer.valueOf(name.toUpperCase(Locale.ROOT))).hasToString(name);
            assertThat(LoadBalancer.valueOf(name).seeded(1)).hasToString(name);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LoadBalancer.valueOf("best"))
                .withMessage("no load balancer is named 'best'; use one of " + ALL_OF_THEM
                        + ", or score(lag=1,latency=1,load=1,weight=1)");
    }

    @Test
    void shouldFindAScoreByItsCoefficients() {
        assertThat(LoadBalancer.valueOf("Score(Lag=2, load=0.5)"))
                .hasToString("score(lag=2,latency=0,load=0.5,weight=0)");
        assertThat(LoadBalancer.score(new Score(0, 1, 0, 0))).hasToString("score(lag=0,latency=1,load=0,weight=0)");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            score()           | '' is no coefficient; write score(lag=1,latency=1,load=1,weight=1), of which any may be left out
            score(lag)        | 'lag' is no coefficient
            score(lag=much)   | 'much' is no number
            score(speed=1)    | nothing is called 'speed' in a score
            score(lag=-1)     | the coefficient of lag must be 0 or more, got -1.0; 0 leaves it out
            score(load=NaN)   | the coefficient of load must be 0 or more, got NaN
            score(lag=1       | no load balancer is named 'score(lag=1'
            """)
    void shouldRefuseAScoreThatCannotBeReadAndSayWhatToDo(String name, String explanation) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LoadBalancer.valueOf(name))
                .withMessageContaining(explanation);
    }

    @Test
    void shouldPickTheSameFromTheSameSeedAndBeginElsewhereFromAnother() {
        for (String name : NAMES) {
            assertThat(picks(name, 7)).as(name).isEqualTo(picks(name, 7));
        }
        assertThat(picks("adaptive", 7)).isNotEqualTo(picks("adaptive", 8));
        assertThat(picks("roundRobin", 7)).isNotEqualTo(picks("roundRobin", 8));
    }

    private static List<String> picks(String name, long seed) {
        Replicas replicas = Replicas.of(5);
        LoadBalancer balancer = LoadBalancer.valueOf(name).seeded(seed);
        return Stream.generate(() -> balancer.choose(replicas.candidates()).toString())
                .limit(50)
                .toList();
    }

    @Test
    void shouldPickWhatItWasGivenAndNothingElseWhateverThatIs() {
        for (String name : NAMES) {
            LoadBalancer balancer = LoadBalancer.valueOf(name);
            for (long seed = 0; seed < 2_000; seed++) {
                SplittableRandom random = new SplittableRandom(seed);
                Replicas replicas = anything(random);
                List<Candidate> given = some(replicas.candidates(), random);
                for (int pick = 0; pick < 5; pick++) {
                    assertThat(given)
                            .as("%s, seed %d", name, seed)
                            .usingElementComparator((one, other) -> one == other ? 0 : 1)
                            .contains(balancer.choose(given));
                }
            }
        }
    }

    private static Replicas anything(SplittableRandom random) {
        Replicas replicas = Replicas.of(0);
        int number = 1 + random.nextInt(12);
        for (int i = 0; i < number; i++) {
            NodeShare share = NodeShare.EQUAL
                    .withWeight(1 + random.nextInt(random.nextBoolean() ? 1 : NodeShare.MOST_WEIGHT))
                    .withCost(random.nextInt(4) > 0 ? 1 : 1 + random.nextDouble() * 999);
            replicas.add(share, random.nextBoolean() ? Duration.ZERO : Duration.ofMillis(random.nextInt(5_000)));
            if (random.nextInt(3) > 0) {
                replicas.answer(i, Duration.ofNanos(random.nextLong(1L << random.nextInt(1, 40))));
            }
            for (int busy = random.nextInt(1 << random.nextInt(6)); busy > 0; busy--) {
                replicas.load(i).began();
            }
            if (random.nextInt(5) == 0) {
                replicas.load(i).returned();
            }
            replicas.pass(Duration.ofMillis(random.nextInt(3_000)));
        }
        return replicas;
    }

    private static List<Candidate> some(List<Candidate> all, SplittableRandom random) {
        List<Candidate> some = new ArrayList<>(all);
        while (some.size() > 1 && random.nextInt(3) > 0) {
            some.remove(random.nextInt(some.size()));
        }
        return some;
    }

    @ParameterizedTest
    @ValueSource(strings = {"adaptive", "weighted", "roundRobin", "random", "leastConnections", "fastest", "score"})
    void shouldComeBackToANodeThatWasSlowOrHasFailed(String name) {
        Replicas replicas = Replicas.of(3);
        replicas.answer(0, Duration.ofSeconds(2));
        replicas.load(1).failed(replicas.load(1).began());
        replicas.load(1).ended();
        LoadBalancer balancer = LoadBalancer.valueOf(name);
        Set<Candidate> seen = new HashSet<>();
        // For 5 min, 100 reads a second, each of which is answered as fast by all.
        for (int pick = 0; pick < 30_000; pick++) {
            Candidate chosen = balancer.choose(replicas.candidates());
            seen.add(chosen);
            NodeLoad load = chosen.load();
            load.answered(load.began() - 1_000_000);
            load.ended();
            replicas.pass(Duration.ofMillis(10));
        }
        assertThat(seen).hasSize(3);
    }

    @Test
    void shouldPreferWhatIsLessBehindByMoreThanChance() {
        Replicas replicas = Replicas.of(0)
                .add(NodeShare.EQUAL, Duration.ofMillis(450))
                .add(NodeShare.EQUAL, Duration.ofMillis(130))
                .add(NodeShare.EQUAL, Duration.ofMillis(190));
        assertThat(replicas.count(100, LoadBalancer.leastLag())).containsExactly(0, 50, 50);
    }

    @Test
    void shouldPreferWhatHasAnsweredFasterAndTryWhatIsUnknownFirst() {
        Replicas replicas = Replicas.of(3);
        LoadBalancer balancer = LoadBalancer.fastest();
        replicas.answer(0, Duration.ofMillis(3));
        replicas.answer(2, Duration.ofMillis(2));
        assertThat(balancer.choose(replicas.candidates())).isSameAs(replicas.get(1));
        long begun = replicas.load(1).began();
        assertThat(balancer.choose(replicas.candidates())).isSameAs(replicas.get(2));
        replicas.pass(Duration.ofMillis(1));
        replicas.load(1).answered(begun);
        assertThat(balancer.choose(replicas.candidates())).isSameAs(replicas.get(1));
    }

    @Test
    void shouldWeighWhatCountsInAScore() {
        Replicas replicas = Replicas.weighing(3, 1).add(NodeShare.EQUAL.withWeight(2), Duration.ofSeconds(2));
        List<Candidate> all = replicas.candidates();
        assertThat(LoadBalancer.score(new Score(0, 0, 0, 1)).choose(all)).isSameAs(all.get(0));
        replicas.answer(0, Duration.ofMillis(10));
        replicas.answer(1, Duration.ofMillis(4));
        replicas.answer(2, Duration.ofMillis(3));
        assertThat(LoadBalancer.score(new Score(0, 1, 0, 0)).choose(all)).isSameAs(all.get(2));
        assertThat(LoadBalancer.score(new Score(1, 1, 0, 0)).choose(all)).isSameAs(all.get(1));
        replicas.load(1).began();
        replicas.load(1).began();
        assertThat(LoadBalancer.score(new Score(1, 1, 1, 0)).choose(all)).isSameAs(all.get(2));
        assertThat(LoadBalancer.score(new Score(1, 1, 1, 3)).choose(all)).isSameAs(all.get(2));
        assertThat(LoadBalancer.score(new Score(1, 1, 1, 9)).choose(all)).isSameAs(all.get(0));
    }

    @Test
    void shouldCountEveryPickOfSeveralThreads() throws Exception {
        int threads = 4;
        int picks = 50_000;
        for (String name : NAMES) {
            Replicas replicas = Replicas.weighing(2, 1, 1);
            LoadBalancer balancer = LoadBalancer.valueOf(name);
            Callable<long[]> picking = () -> replicas.count(picks, all -> {
                Candidate chosen = balancer.choose(all);
                NodeLoad load = chosen.load();
                long begun = load.began();
                load.answered(begun);
                load.ended();
                return chosen;
            });
            long[] sums = new long[3];
            ExecutorService pool = Executors.newFixedThreadPool(threads);
            try {
                for (Future<long[]> counted : pool.invokeAll(Collections.nCopies(threads, picking))) {
                    for (int i = 0; i < 3; i++) {
                        sums[i] += counted.get(1, TimeUnit.MINUTES)[i];
                    }
                }
            } finally {
                pool.shutdown();
            }
            assertThat(sums[0] + sums[1] + sums[2]).as(name).isEqualTo((long) threads * picks);
            for (int i = 0; i < 3; i++) {
                assertThat(replicas.load(i).inFlight()).as(name).isZero();
            }
            if (name.equals("weighted")) {
                assertThat(sums).containsExactly(threads * picks / 2, threads * picks / 4, threads * picks / 4);
            }
        }
    }
}
