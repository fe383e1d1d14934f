package io.github.r2dbcrouting.selector;

import static io.github.r2dbcrouting.topology.Nodes.degraded;
import static io.github.r2dbcrouting.topology.Nodes.node;
import static io.github.r2dbcrouting.topology.Nodes.placed;
import static io.github.r2dbcrouting.topology.Nodes.position;
import static io.github.r2dbcrouting.topology.Nodes.primary;
import static io.github.r2dbcrouting.topology.Nodes.replica;
import static io.github.r2dbcrouting.topology.Nodes.sampled;
import static io.github.r2dbcrouting.topology.Nodes.set;
import static io.github.r2dbcrouting.topology.Nodes.topology;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeShare;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Placement;
import io.github.r2dbcrouting.topology.Places;
import io.github.r2dbcrouting.topology.Replication;
import io.github.r2dbcrouting.topology.ReplicationLink;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Each rule for which nodes come first by itself. */
class NodeRankingTests {

    private static final NodeState EU =
            placed(Placement.NONE.inRegion("eu").inZone("eu-1").tagged(Set.of("ssd")), replica("eu"));
    private static final NodeState EU_SLOW =
            placed(Placement.NONE.inRegion("eu").inZone("eu-2"), replica("eu-slow"));
    private static final NodeState US =
            placed(Placement.NONE.inRegion("us").inZone("us-1").tagged(Set.of("ssd")), replica("us"));

    @Test
    void shouldPutTheDegradedBehindTheHealthy() {
        NodeRanking byHealth = NodeRanking.byHealth();
        assertThat(groups(byHealth, degraded(replica("r1")), replica("r2"), replica("r3")))
                .containsExactly(": r2 r3", ", degraded: r1");
        assertThat(byHealth).hasToString("by health");
    }

    @Test
    void shouldPutLowerNumbersFirst() {
        NodeRanking byPriority = NodeRanking.byPriority();
        assertThat(groups(
                        byPriority,
                        set(NodeShare.EQUAL.withPriority(7), replica("r1")),
                        replica("r2"),
                        set(NodeShare.EQUAL.withPriority(7), replica("r3"))))
                .containsExactly(": r2", ", priority 7: r1 r3");
        assertThat(byPriority).hasToString("by priority");
    }

    @Test
    void shouldPutTheFirstRegionBeforeTheSecondBeforeAllOthers() {
        NodeState elsewhere = replica("r9");
        assertThat(groups(NodeRanking.byPlace(Places.inRegion("us", "eu")), EU, elsewhere, EU_SLOW, US))
                .containsExactly(" in us: us", " in eu: eu eu-slow", " outside us, eu: r9");
    }

    @Test
    void shouldPutATagBeforeARegion() {
        NodeRanking byPlace = NodeRanking.byPlace(Places.tagged("ssd").or(Places.inRegion("eu")));
        assertThat(groups(byPlace, EU_SLOW, US, EU))
                .containsExactly(
                        " tagged ssd in eu: eu",
                        " tagged ssd outside eu: us",
                        " not tagged ssd in eu: eu-slow",
                        " not tagged ssd outside eu:");
        assertThat(byPlace).asString().startsWith("by place ").contains("ssd", "eu");
    }

    @Test
    void shouldPutTheNearBeforeTheFarAndTheUnmeasured() {
        NodeRanking byLatency = NodeRanking.byLatency(Duration.ofMillis(15));
        NodeState unmeasured = node("r4", NodeRole.REPLICA, null);
        assertThat(groups(byLatency, away("r1", 16), away("r2", 1), away("r3", 17), unmeasured))
                .containsExactly(": r1 r2", ", beyond the latency window: r3 r4");
        assertThat(groups(byLatency, unmeasured)).containsExactly(": r4");
        assertThat(byLatency).hasToString("by latency, within 15 ms of the nearest");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NodeRanking.byLatency(Duration.ofMillis(-1)))
                .withMessage("the latency window must not be negative, got PT-0.001S");
    }

    private static NodeState away(String name, long millis) {
        return sampled(
                replica(name),
                new Replication(
                        position(1, 1_000), 0, Duration.ofMillis(millis), Duration.ZERO, ReplicationLink.UNKNOWN));
    }

    private static List<String> groups(NodeRanking ranking, NodeState... nodes) {
        return ranking.rank(topology(primary("p")), List.of(nodes)).stream()
                .map(group -> group.nodes().stream()
                        .map(node -> " " + node.id().name())
                        .reduce(group.label() + ":", String::concat))
                .toList();
    }
}
