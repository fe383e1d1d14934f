package io.github.r2dbcrouting.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.monitor.ScriptedCluster.ScriptedNode;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Nodes come, go, come back under old names and fail, while writes move between them. */
class MembershipFuzzTests {

    private static final int STEPS = 200;
    private static final List<String> NAMES = List.of("a", "b", "c", "d", "e", "f");

    static LongStream seeds() {
        return LongStream.range(1, 21);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void shouldHoldItsPromisesWhoeverComesAndGoes(long seed) {
        assertThat(new Run(seed).trace()).as("seed " + seed).hasSizeGreaterThan(STEPS);
    }

    @Test
    void shouldDoTheSameWithTheSameSeed() {
        assertThat(new Run(7).trace().equals(new Run(7).trace())).isTrue();
    }

    private static final class Run {

        private final long seed;
        private final Random random;
        private final ScriptedCluster cluster;
        private final Set<String> members = new LinkedHashSet<>(List.of("a", "b", "c"));
        private final Map<NodeId, Long> lives = new HashMap<>();
        private final List<String> trace = new ArrayList<>();
        private final List<AssertionError> violations = new ArrayList<>();
        private long epoch;
        private int refused;

        Run(long seed) {
            this.seed = seed;
            this.random = new Random(seed);
            this.cluster = new ScriptedCluster(seed, "a", "b", "c");
        }

        List<String> trace() {
            cluster.node("a").primary();
            cluster.node("b").follows("a");
            cluster.node("c").follows("a");
            cluster.monitor.topology().subscribe(this::see);
            cluster.monitor.start();
            for (int step = 0; step < STEPS; step++) {
                disturb();
                // What is there in the snapshot at once is what was answered.
                cluster.advanceMillis(1);
                assertThat(names(cluster.monitor.current())).as(where()).containsExactlyInAnyOrderElementsOf(members);
                cluster.advanceMillis(random.nextInt(2_000));
            }
            assertThat(violations).isEmpty();
            assertThat(refused).as("seed %d: some were refused", seed).isPositive();
            cluster.monitor.dispose().subscribe();
            cluster.settle();
            cluster.nodes
                    .values()
                    .forEach(node -> assertThat(node.connected).as(where()).isFalse());
            return trace;
        }

        private String where() {
            return "seed " + seed + ", snapshot " + trace.size();
        }

        private void see(Topology topology) {
            trace.add(topology.toString());
            try {
                check(topology);
            } catch (AssertionError violation) {
                violations.add(violation);
            }
        }

        private void check(Topology topology) {
            assertThat(topology.epoch()).as(where()).isGreaterThanOrEqualTo(epoch);
            epoch = topology.epoch();
            assertThat(names(topology)).as(where()).doesNotHaveDuplicates().isNotEmpty();
            NodeState primary = topology.primary();
            if (primary != null) {
                assertThat(primary.isUsable()).as(where()).isTrue();
                assertThat(topology.nodes()).as(where()).contains(primary);
            }
            for (NodeState node : topology.nodes()) {
                assertThat(node.generation()).as(where()).isGreaterThanOrEqualTo(lives.getOrDefault(node.id(), 0L));
                lives.put(node.id(), node.generation());
            }
        }

        private void disturb() {
            String name = NAMES.get(random.nextInt(NAMES.size()));
            switch (random.nextInt(10)) {
                case 0, 1, 2 -> add(name);
                case 3, 4 -> remove(name);
                case 5 -> change(name);
                case 6 -> switchOver(name);
                case 7 -> {
                    if (members.contains(name)) {
                        cluster.node(name).refuses("connection refused");
                    }
                }
                case 8 -> {
                    cluster.monitor.pause().subscribe();
                    cluster.advanceMillis(random.nextInt(20));
                    cluster.monitor.start();
                }
                default -> members.forEach(member -> cluster.node(member).answers());
            }
        }

        private void add(String name) {
            ScriptedNode former = cluster.nodes.get(name);
            ScriptedNode node = new ScriptedNode(name, cluster.time).follows(String.valueOf(cluster.primary()));
            cluster.nodes.values().forEach(other -> node.timeline = Math.max(node.timeline, other.timeline));
            if (!members.contains(name)) {
                cluster.nodes.put(name, node);
            }
            cluster.monitor.add(node.settings).subscribe(null, error -> refused++, () -> members.add(name));
            cluster.advanceMillis(random.nextInt(2));
            if (former != null && random.nextBoolean()) {
                // Whatever the one of before says now, it is not asked.
                former.promoted(1_000);
                if (members.contains(name) && cluster.nodes.get(name) == former) {
                    former.follows("a").on(node.timeline);
                }
            }
        }

        private void remove(String name) {
            String primary = cluster.primary();
            cluster.monitor.remove(ScriptedCluster.id(name)).subscribe(null, error -> {
                if (!String.valueOf(error.getMessage()).startsWith("node " + name + " cannot be removed")) {
                    violations.add(new AssertionError(where(), error));
                }
                refused++;
            });
            cluster.advanceMillis(1);
            if (cluster.monitor.current().node(ScriptedCluster.id(name)) == null && members.remove(name)) {
                assertThat(name).as(where()).isNotEqualTo(primary);
            }
        }

        private void change(String name) {
            int weight = 1 + random.nextInt(9);
            cluster.monitor
                    .change(
                            ScriptedCluster.id(name),
                            node -> node.sharing(node.share().withWeight(weight)))
                    .subscribe(
                            null,
                            error -> refused++,
                            () -> assertThat(cluster.state(name)
                                            .settings()
                                            .share()
                                            .weight())
                                    .as(where())
                                    .isEqualTo(weight));
        }

        private void switchOver(String name) {
            if (members.contains(name)) {
                long timeline = 1;
                for (String member : members) {
                    timeline = Math.max(timeline, cluster.node(member).timeline);
                }
                for (String member : members) {
                    cluster.node(member).follows(name).on(timeline + 1);
                }
                cluster.node(name).promoted(timeline + 1);
            }
        }

        private static List<String> names(Topology topology) {
            return topology.nodes().stream().map(node -> node.id().name()).toList();
        }
    }
}
