package io.github.r2dbcrouting.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.ReplicationLink;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Lets everything that can happen to nodes happen at random, and looks at every snapshot. */
class MonitorFuzzTests {

    private static final List<String> NAMES = List.of("a", "b", "c", "d");
    private static final int STEPS = 200;

    static LongStream seeds() {
        return LongStream.range(1, 21);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void shouldHoldItsPromisesWhateverHappens(long seed) {
        List<String> trace = run(seed);

        assertThat(trace).as("seed " + seed).isNotEmpty();
    }

    @Test
    void shouldDoTheSameWithTheSameSeed() {
        // Not as lists: their difference would fill the screen.
        assertThat(run(7).equals(run(7))).isTrue();
    }

    private static List<String> run(long seed) {
        Random random = new Random(seed);
        ScriptedCluster cluster = new ScriptedCluster(seed, NAMES.toArray(String[]::new));
        List<String> trace = new ArrayList<>();
        List<AssertionError> violations = new ArrayList<>();
        Topology[] last = {cluster.monitor.current()};
        cluster.monitor.topology().subscribe(next -> {
            try {
                check(seed, trace.size(), last[0], next);
            } catch (AssertionError violation) {
                violations.add(violation);
            }
            last[0] = next;
            trace.add(next.toString());
        });
        cluster.node("a").primary();
        cluster.monitor.start();
        for (int step = 0; step < STEPS; step++) {
            disturb(cluster, random);
            cluster.advanceMillis(random.nextInt(2500));
            for (ScriptedCluster.ScriptedNode node : cluster.nodes.values()) {
                assertThat(node.mostRunning).as("seed %d: probes overlap", seed).isLessThanOrEqualTo(1);
            }
        }
        heal(cluster);
        assertThat(violations).isEmpty();
        assertThat(cluster.primary()).as("seed %d: all is well again", seed).isEqualTo("a");
        assertThat(cluster.monitor.current().alarm()).isNull();
        assertThat(cluster.monitor.current().nodes()).as("seed %d", seed).allMatch(NodeState::isUsable);
        cluster.monitor.dispose().subscribe();
        cluster.settle();
        return trace;
    }

    private static void check(long seed, int number, Topology before, Topology after) {
        String where = "seed " + seed + ", snapshot " + number;
        assertThat(after.epoch()).as(where).isGreaterThanOrEqualTo(before.epoch());
        NodeState primary = after.primary();
        if (primary != null) {
            assertThat(primary.isUsable()).as(where).isTrue();
            assertThat(primary.role()).as(where).isEqualTo(NodeRole.PRIMARY);
            assertThat(after.nodes()).as(where).contains(primary);
            assertThat(after.epoch()).as(where).isPositive();
            NodeState old = before.primary();
            if (old != null && !old.id().equals(primary.id())) {
                assertThat(after.epoch()).as(where).isGreaterThan(before.epoch());
            }
        }
        for (int i = 0; i < after.nodes().size(); i++) {
            NodeState now = after.nodes().get(i);
            NodeState then = before.nodes().get(i);
            assertThat(now.generation()).as(where).isGreaterThanOrEqualTo(then.generation());
            if (now.generation() == then.generation()) {
                assertThat(now.role()).as(where).isEqualTo(then.role());
                assertThat(now.server()).as(where).isEqualTo(then.server());
            }
            boolean wellKnown = now.isUsable() && now.problem() == null;
            assertThat(wellKnown || now.problem() != null).as(where).isTrue();
            if (now.replication() != null && now.replication().lag() != null) {
                assertThat(now.replication().lag().isNegative()).as(where).isFalse();
            }
        }
    }

    private static void disturb(ScriptedCluster cluster, Random random) {
        String name = NAMES.get(random.nextInt(NAMES.size()));
        ScriptedCluster.ScriptedNode node = cluster.node(name);
        switch (random.nextInt(16)) {
            case 0 -> node.primary();
            case 1 -> node.promoted(node.timeline + random.nextInt(2));
            case 2, 3 -> node.follows(NAMES.get(random.nextInt(NAMES.size())));
            case 4 -> node.detached();
            case 5 -> node.refuses("connection refused " + random.nextInt(3));
            case 6 -> node.saturated();
            case 7 -> node.hangs();
            case 8, 9 -> node.answers();
            case 10 -> node.restarted("life-" + random.nextInt());
            case 11 -> node.cluster = random.nextInt(4) == 0 ? "7002" : ScriptedCluster.ScriptedNode.CLUSTER;
            case 12 -> node.lsn += random.nextInt(1000) - 100;
            case 13 -> node.link = ReplicationLink.UNKNOWN;
            case 14 -> cluster.monitor.suspect(ScriptedCluster.id(name), random.nextInt(20));
            default -> {
                if (random.nextInt(4) == 0) {
                    cluster.monitor.pause().subscribe();
                    cluster.advanceMillis(random.nextInt(50));
                }
                cluster.monitor.start();
            }
        }
    }

    /** The one state of the nodes that leaves no choice. */
    private static void heal(ScriptedCluster cluster) {
        for (String clusterId : List.of("7001", "7002")) {
            for (String name : NAMES) {
                cluster.node(name).answers().follows("a").on(99).at(1_000_000).cluster = clusterId;
            }
            cluster.node("a").primary();
            cluster.monitor.start();
            cluster.advance(Duration.ofSeconds(20));
            if (cluster.primary() != null) {
                return;
            }
            // The first primary was one of the other cluster, which is the right one since.
        }
    }
}
