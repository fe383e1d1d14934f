package io.github.r2dbcrouting.selection;

import static io.github.r2dbcrouting.selection.Requests.hinted;
import static io.github.r2dbcrouting.selection.Requests.on;
import static io.github.r2dbcrouting.selection.Requests.requiring;
import static io.github.r2dbcrouting.selection.Requests.without;
import static io.github.r2dbcrouting.selection.RouteRequest.READ;
import static io.github.r2dbcrouting.selection.RouteRequest.WRITE;
import static io.github.r2dbcrouting.topology.Nodes.at;
import static io.github.r2dbcrouting.topology.Nodes.dead;
import static io.github.r2dbcrouting.topology.Nodes.id;
import static io.github.r2dbcrouting.topology.Nodes.placed;
import static io.github.r2dbcrouting.topology.Nodes.position;
import static io.github.r2dbcrouting.topology.Nodes.primary;
import static io.github.r2dbcrouting.topology.Nodes.replica;
import static io.github.r2dbcrouting.topology.Nodes.set;
import static io.github.r2dbcrouting.topology.Nodes.topology;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.r2dbcrouting.balancing.LoadBalancer;
import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.position.PositionBound;
import io.github.r2dbcrouting.selector.ContainedSelector;
import io.github.r2dbcrouting.selector.NodeSelector;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeShare;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Nodes;
import io.github.r2dbcrouting.topology.Placement;
import io.github.r2dbcrouting.topology.Places;
import io.github.r2dbcrouting.topology.Replication;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.AbstractList;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which of several nodes that may serve come first. */
class PreferenceRoutingTests {

    private final Topology topology = topology(primary("p"), replica("r1"), replica("r2"));
    private final Topology leaderless = topology(dead(primary("p")), replica("r1"), replica("r2"));
    private final Topology alone = topology(primary("p"), dead(replica("r1")), dead(replica("r2")));

    @ParameterizedTest
    @CsvSource({
        "replicaPreferred, r1 r2,   r1 r2, p",
        "replica,          r1 r2,   r1 r2, -",
        "primaryPreferred, p,       r1 r2, p",
        "primary,          p,       -,     p",
        "nearest,          p r1 r2, r1 r2, p",
    })
    void shouldReadWhereThePreferenceSays(String name, String all, String withoutPrimary, String withoutReplicas) {
        Router router = router(SelectionSettings.defaults().preferring(ReadPreference.of(name)));
        assertThat(nodes(router, topology, READ)).isEqualTo(all);
        assertThat(nodes(router, leaderless, READ)).isEqualTo(withoutPrimary);
        assertThat(nodes(router, alone, READ)).isEqualTo(withoutReplicas);
        assertThat(nodes(router, topology, WRITE)).isEqualTo("p");
        assertThat(nodes(router, topology, on(READ, NodeRole.REPLICA))).isEqualTo("r1 r2");
        assertThat(nodes(router, topology, on(READ, NodeRole.PRIMARY))).isEqualTo("p");
        assertThat(nodes(router, topology, hinted(READ, RoutingHints.of(Consistency.strong()))))
                .isEqualTo("p");
    }

    @Test
    void shouldReadElsewhereWhenAPreferredPrimaryHasJustFailed() {
        Router router = router(SelectionSettings.defaults().preferring(ReadPreference.PRIMARY_PREFERRED));
        assertThat(nodes(router, topology, without(READ, "p"))).isEqualTo("r1 r2");
    }

    @Test
    void shouldTakeThePrimaryAsOneThatHasCoveredEverything() {
        Router router = router(SelectionSettings.defaults().preferring(ReadPreference.NEAREST));
        RouteRequest beyond = requiring(READ, position(1, 1_000_000));
        assertThat(nodes(router, topology, beyond)).isEqualTo("p");
        assertThat(router.route(topology, beyond).isFallback()).isFalse();
        assertThat(nodes(router, topology, READ.requiring(PositionBound.LOST))).isEqualTo("p");
        RouteRequest bounded = hinted(READ, RoutingHints.of(Consistency.bounded(Duration.ofNanos(1))));
        assertThat(nodes(router(SelectionSettings.defaults().preferring(ReadPreference.NEAREST), 5), topology, bounded))
                .isEqualTo("p");
    }

    @Test
    void shouldPreferNodesWithinTheLatencyWindow() {
        Topology far =
                topology(far(40, primary("p")), far(2, replica("r1")), far(16, replica("r2")), far(18, replica("r3")));
        Router nearest = router(SelectionSettings.defaults().preferring(ReadPreference.NEAREST));
        assertThat(nodes(nearest, far, READ)).isEqualTo("r1 r2");
        assertThat(nodes(nearest, far, without(READ, "r1", "r2"))).isEqualTo("p r3");
        assertThat(nearest.route(far, without(READ, "r1", "r2")).reason())
                .isEqualTo("an eligible node, beyond the latency window");
        Router narrow = router(SelectionSettings.defaults().near(Duration.ofMillis(5)));
        assertThat(nodes(narrow, far, READ)).isEqualTo("r1");
        assertThat(narrow.route(far, READ).verdicts())
                .containsEntry(
                        id("r2"), "eligible, but others come first: an eligible replica, beyond the latency window");
    }

    @Test
    void shouldPreferTagsThenZonesThenRegionsInTheirOrder() {
        Topology spread = topology(
                primary("p"),
                placed(new Placement("eu", "eu-1", Set.of()), replica("eu1")),
                placed(new Placement("eu", "eu-2", Set.of()), replica("eu2")),
                placed(new Placement("us", "us-1", Set.of("analytics")), replica("us1")),
                placed(new Placement("asia", null, Set.of()), replica("asia")));
        Router router = router(SelectionSettings.defaults());
        RouteRequest inOrder = hinted(READ, RoutingHints.of(Places.inRegion("us", "eu")));
        assertThat(nodes(router, spread, inOrder)).isEqualTo("us1");
        assertThat(nodes(router, spread, without(inOrder, "us1"))).isEqualTo("eu1 eu2");
        assertThat(nodes(router, spread, without(inOrder, "us1", "eu1", "eu2"))).isEqualTo("asia");
        assertThat(router.route(spread, without(inOrder, "us1", "eu1", "eu2")).reason())
                .isEqualTo("an eligible replica outside us, eu");
        RouteRequest zone = hinted(READ, RoutingHints.of(new Places(List.of(), List.of("eu-2"), List.of("eu"))));
        assertThat(nodes(router, spread, zone)).isEqualTo("eu2");
        assertThat(nodes(router, spread, without(zone, "eu2"))).isEqualTo("eu1");
        RouteRequest tagged = hinted(READ, RoutingHints.of(new Places(List.of("analytics"), List.of(), List.of("eu"))));
        assertThat(nodes(router, spread, tagged)).isEqualTo("us1");
        assertThat(nodes(router, spread, without(tagged, "us1"))).isEqualTo("eu1 eu2");
        assertThat(router.route(spread, hinted(READ, RoutingHints.of(Places.tagged("ssd"))))
                        .reason())
                .isEqualTo("no node is tagged 'ssd'; use one of analytics");
    }

    @Test
    void shouldTakeAPlaceWhoseLastNodeHasGoneForAnEmptyOne() {
        Router router = router(SelectionSettings.defaults());
        RouteRequest inUs = hinted(READ, RoutingHints.of(Places.inRegion("us")));
        assertThat(nodes(router, topology(primary("p"), Nodes.in("us", replica("us1")), replica("r1")), inUs))
                .isEqualTo("us1");
        assertThat(nodes(router, topology(primary("p"), replica("r1")), inUs)).isEqualTo("r1");
    }

    @Test
    void shouldUseNodesOfAHigherNumberOnlyWhenNoOtherIsLeft() {
        Topology reserve = topology(
                primary("p"), replica("r1"), set(NodeShare.EQUAL.withPriority(1), Nodes.in("us", replica("spare"))));
        Router router = router(SelectionSettings.defaults());
        assertThat(nodes(router, reserve, READ)).isEqualTo("r1");
        assertThat(nodes(router, reserve, hinted(READ, RoutingHints.of(Places.inRegion("us")))))
                .isEqualTo("r1");
        assertThat(nodes(router, reserve, without(READ, "r1"))).isEqualTo("spare");
        assertThat(router.route(reserve, without(READ, "r1")).reason()).isEqualTo("an eligible replica, priority 1");
    }

    @Test
    void shouldMeasureTheLagOfANodeAgainstItsOwnLimit() {
        Topology delayed = topology(
                primary("p"),
                Nodes.within(Duration.ofSeconds(30), replica("slow", Duration.ofSeconds(20))),
                Nodes.within(Duration.ofSeconds(1), replica("strict", Duration.ofSeconds(2))));
        Router router = router(SelectionSettings.defaults());
        assertThat(nodes(router, delayed, READ)).isEqualTo("slow");
        assertThat(nodes(router, delayed, hinted(READ, RoutingHints.ofMaxLag(Duration.ofSeconds(10)))))
                .isEqualTo("strict");
    }

    @Test
    void shouldAskTheRulesOfUsersLastAndExplainByTheirNames() {
        NodeSelector even = NodeSelector.named(
                "even numbers only",
                (snapshot, nodes) -> nodes.stream()
                        .filter(node -> node.id().name().equals("r2"))
                        .toList());
        Router router = router(SelectionSettings.defaults().narrowedBy(List.of(even)));
        assertThat(nodes(router, topology, READ)).isEqualTo("r2");
        assertThat(router.route(topology, READ).verdicts())
                .containsEntry(id("r1"), "left out: by the rule even numbers only");
        assertThat(nodes(router, topology, without(READ, "r2"))).isEqualTo("p");
    }

    @Test
    void shouldPassOverARuleOfTheUsersThatThrowsOrInventsNodes() {
        ContainedSelector throwing = new ContainedSelector((snapshot, nodes) -> {
            throw new IllegalStateException("no idea");
        });
        ContainedSelector inventing = new ContainedSelector((snapshot, nodes) -> List.of(replica("r9")));
        ContainedSelector nothing = new ContainedSelector((snapshot, nodes) -> null);
        Router router = router(SelectionSettings.defaults().narrowedBy(List.of(throwing, inventing, nothing)));
        assertThat(nodes(router, topology, READ)).isEqualTo("r1 r2");
        assertThat(List.of(throwing.failures(), inventing.failures(), nothing.failures()))
                .containsExactly(1L, 1L, 1L);
    }

    @Test
    void shouldPassOverARuleOfTheUsersWhoseListOrNameThrows() {
        ContainedSelector odd = new ContainedSelector(new NodeSelector() {
            @Override
            public List<NodeState> select(Topology snapshot, List<NodeState> candidates) {
                return new AbstractList<>() {
                    @Override
                    public NodeState get(int index) {
                        throw new ConcurrentModificationException();
                    }

                    @Override
                    public int size() {
                        return 1;
                    }
                };
            }

            @Override
            public String toString() {
                throw new IllegalStateException("no name");
            }
        });
        Router router = router(SelectionSettings.defaults().narrowedBy(List.of(odd)));
        assertThat(nodes(router, topology, READ)).isEqualTo("r1 r2");
        assertThat(odd.failures()).isEqualTo(1);
        assertThat(odd.toString()).contains("PreferenceRoutingTests");
    }

    @Test
    void shouldShowBalancersAListThatTheyCannotChange() {
        Router router = Router.of(
                SelectionSettings.defaults().balancedBy(candidates -> {
                    assertThatExceptionOfType(UnsupportedOperationException.class)
                            .isThrownBy(candidates::clear);
                    return candidates.get(0);
                }),
                BranchHistory.unknown(),
                () -> 0);
        assertThat(router.route(topology, READ).node()).isNotNull();
        Topology three = topology(primary("p"), replica("r1"), replica("r2"), replica("r3"));
        assertThat(router.route(three, without(READ, "r2")).node()).isNotNull();
    }

    @Test
    void shouldKnowThePreferencesByTheirNames() {
        assertThat(ReadPreference.of("PRIMARY_PREFERRED")).isEqualTo(ReadPreference.PRIMARY_PREFERRED);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ReadPreference.of("closest"))
                .withMessage("no read preference is named 'closest'; use one of replicaPreferred, replica,"
                        + " primaryPreferred, primary, nearest");
    }

    private static Router router(SelectionSettings settings) {
        return router(settings, 0);
    }

    private static Router router(SelectionSettings settings, long now) {
        return Router.of(settings.balancedBy(LoadBalancer.roundRobin()), BranchHistory.unknown(), () -> now);
    }

    private static NodeState far(long millis, NodeState node) {
        Replication sample = at(900, Duration.ZERO);
        return Nodes.sampled(
                node,
                new Replication(
                        sample.position(), sample.sampledAt(), Duration.ofMillis(millis), sample.lag(), sample.link()));
    }

    /** The nodes that come up in some turns, by name. */
    private static String nodes(Router router, Topology topology, RouteRequest request) {
        Set<String> names = new TreeSet<>();
        for (int i = 0; i < 6; i++) {
            NodeState node = router.route(topology, request).node();
            names.add(node == null ? "-" : node.id().name());
        }
        return String.join(" ", names);
    }
}
