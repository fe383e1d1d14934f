package io.github.r2dbcrouting.selection;

import static io.github.r2dbcrouting.topology.Nodes.at;
import static io.github.r2dbcrouting.topology.Nodes.position;
import static io.github.r2dbcrouting.topology.Nodes.topology;
import static io.github.r2dbcrouting.topology.Nodes.with;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.position.Coverage;
import io.github.r2dbcrouting.position.PositionBound;
import io.github.r2dbcrouting.sql.StatementProfile.Access;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeProblem;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Nodes;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What holds for every decision, whatever the snapshot and the request. */
class RoutingPropertyTests {

    private static final BranchHistory HISTORY = BranchHistory.unknown();
    private static final Duration MAX_LAG = Duration.ofSeconds(5);

    @Test
    void shouldKeepItsPromisesForAnySnapshotAndRequest() {
        for (long seed = 0; seed < 4_000; seed++) {
            Random random = new Random(seed);
            SelectionSettings settings =
                    SelectionSettings.defaults().within(MAX_LAG).preferring(any(random, ReadPreference.values()));
            Router router = Router.of(settings, HISTORY, () -> 0);
            Topology topology = randomTopology(random);
            RouteRequest request = randomRequest(random);
            RouteDecision decision = router.route(topology, request);
            String trace = "seed " + seed + ": " + decision;

            assertThat(decision.reason()).as(trace).isNotBlank();
            assertThat(decision.verdicts().keySet())
                    .as(trace)
                    .containsExactlyElementsOf(
                            topology.nodes().stream().map(NodeState::id).toList());
            assertThat(decision.verdicts().values().stream().filter(v -> v.startsWith("chosen: ")))
                    .as(trace)
                    .hasSize(decision.node() == null ? 0 : 1);
            if (decision.node() != null) {
                assertSound(decision.node(), topology, request, settings, trace);
            }
            assertThat(router.route(topology, request).node() == null)
                    .as("asked again, " + trace)
                    .isEqualTo(decision.node() == null);
        }
    }

    private static void assertSound(
            NodeState node, Topology topology, RouteRequest request, SelectionSettings settings, String trace) {
        assertThat(topology.nodes()).as(trace).contains(node);
        assertThat(node.isUsable()).as(trace).isTrue();
        boolean primary = node.equals(topology.primary());
        boolean named = request.hints().node() != null;
        if (request.access() == Access.WRITE) {
            assertThat(primary).as(trace).isTrue();
        }
        if (named) {
            assertThat(node.id()).as(trace).isEqualTo(request.hints().node());
        } else {
            assertThat(request.excludedNodes()).as(trace).doesNotContain(node.id());
            if (request.access() == Access.READ && primary && request.hints().role() != NodeRole.PRIMARY) {
                assertThat(settings.readPreference()).as(trace).isNotEqualTo(ReadPreference.REPLICA);
            }
            if (settings.readPreference() == ReadPreference.PRIMARY
                    && !request.hints().sayWhere()) {
                assertThat(primary).as(trace).isTrue();
            }
        }
        if (!primary && request.requiredPosition() != null) {
            assertThat(request.requiredPosition().coveredBy(node.replication().position(), HISTORY))
                    .as(trace)
                    .isEqualTo(Coverage.YES);
        }
        if (!primary && !named) {
            assertThat(node.role()).as(trace).isEqualTo(NodeRole.REPLICA);
            if (topology.primary() != null) {
                assertThat(node.replication().lag()).as(trace).isLessThanOrEqualTo(MAX_LAG);
            }
        }
    }

    private static Topology randomTopology(Random random) {
        NodeState[] nodes = new NodeState[random.nextInt(6)];
        for (int i = 0; i < nodes.length; i++) {
            Duration lag = random.nextInt(4) == 0 ? null : Duration.ofSeconds(random.nextInt(9));
            NodeRole role = random.nextInt(3) == 0 ? any(random, NodeRole.values()) : NodeRole.REPLICA;
            NodeState node = Nodes.node(
                    "n" + i, role, random.nextInt(8) == 0 ? null : at(1 + random.nextInt(2), random.nextInt(10), lag));
            NodeHealth health = random.nextBoolean() ? NodeHealth.HEALTHY : any(random, NodeHealth.values());
            nodes[i] = with(node, health, random.nextBoolean() ? null : NodeProblem.unanswered("trouble"));
        }
        return topology(nodes);
    }

    private static RouteRequest randomRequest(Random random) {
        Set<NodeId> excluded = new HashSet<>();
        while (random.nextInt(3) == 0) {
            excluded.add(anyNode(random));
        }
        return new RouteRequest(
                any(random, Access.values()),
                randomHints(random),
                random.nextBoolean() ? null : PositionBound.of(position(1, random.nextInt(12))),
                random.nextBoolean() ? null : anyNode(random),
                excluded);
    }

    private static RoutingHints randomHints(Random random) {
        return switch (random.nextInt(5)) {
            case 0 -> RoutingHints.of(anyNode(random));
            case 1 -> RoutingHints.of(NodeRole.PRIMARY);
            case 2 -> RoutingHints.of(NodeRole.REPLICA);
            default -> RoutingHints.NONE;
        };
    }

    private static NodeId anyNode(Random random) {
        return new NodeId("n" + random.nextInt(7));
    }

    private static <T> T any(Random random, T[] values) {
        return values[random.nextInt(values.length)];
    }
}
