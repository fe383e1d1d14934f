package io.github.r2dbcrouting.selection;

import static io.github.r2dbcrouting.selection.Requests.UNKNOWN;
import static io.github.r2dbcrouting.selection.Requests.hinted;
import static io.github.r2dbcrouting.selection.RouteRequest.READ;
import static io.github.r2dbcrouting.selection.RouteRequest.WRITE;
import static io.github.r2dbcrouting.topology.Nodes.id;
import static io.github.r2dbcrouting.topology.Nodes.in;
import static io.github.r2dbcrouting.topology.Nodes.primary;
import static io.github.r2dbcrouting.topology.Nodes.replica;
import static io.github.r2dbcrouting.topology.Nodes.topology;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.Places;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What the factory's default does: it speaks for reads that nobody gave a hint for, and for nothing else. */
class DefaultRoutingTests {

    private final Topology topology = topology(
            primary("p"),
            in("eu", replica("r1", Duration.ofSeconds(1))),
            in("us", replica("r2", Duration.ofSeconds(3))));

    @Test
    void shouldSendUnhintedReadsWhereTheDefaultSays() {
        Router router = router(SelectionSettings.defaults().preferring(ReadPreference.PRIMARY));
        assertThat(router.route(topology, READ).node().id()).isEqualTo(id("p"));
        assertThat(router.route(topology, READ).reason()).isEqualTo("the read preference is the primary");
        assertThat(chosen(router, hinted(READ, RoutingHints.of(NodeRole.REPLICA))))
                .startsWith("r");
        assertThat(chosen(router, hinted(READ, RoutingHints.of(id("r2"))))).isEqualTo("r2");
    }

    @Test
    void shouldLeaveWritesAndDoubtfulStatementsToTheClassification() {
        Router router = router(RoutingHints.of(Places.inRegion("us")));
        assertThat(chosen(router, READ)).isEqualTo("r2");
        assertThat(chosen(router, WRITE)).isEqualTo("p");
        assertThat(chosen(router, UNKNOWN)).isEqualTo("p");
    }

    @Test
    void shouldReadAtTheConsistencyOfTheDefaultUnlessAHintSaysOtherwise() {
        Router strong = router(RoutingHints.of(Consistency.strong()));
        assertThat(chosen(strong, READ)).isEqualTo("p");
        assertThat(chosen(strong, hinted(READ, RoutingHints.of(Consistency.eventual()))))
                .startsWith("r");
        assertThat(chosen(strong, hinted(READ, RoutingHints.of(NodeRole.REPLICA))))
                .startsWith("r");
        assertThat(chosen(strong, hinted(READ, RoutingHints.of(id("r2"))))).isEqualTo("r2");
        Router bounded = router(RoutingHints.of(Consistency.bounded(Duration.ofSeconds(2))));
        assertThat(chosen(bounded, READ)).isEqualTo("r1");
        assertThat(chosen(bounded, hinted(READ, RoutingHints.of(id("r2")))))
                .as("a promise that a replica can keep holds for a named one too")
                .isEqualTo("-");
    }

    @Test
    void shouldNameNoNodeByDefault() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> router(RoutingHints.of(id("r1"))))
                .withMessageContaining("a derived factory for a node");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> router(RoutingHints.of(NodeRole.PRIMARY)))
                .withMessageContaining("use the read preference");
    }

    private static Router router(RoutingHints defaults) {
        return router(SelectionSettings.defaults().wishing(defaults));
    }

    private static Router router(SelectionSettings settings) {
        return Router.of(settings, BranchHistory.unknown(), () -> 0);
    }

    private String chosen(Router router, RouteRequest request) {
        RouteDecision decision = router.route(topology, request);
        return decision.node() == null ? "-" : decision.node().id().name();
    }
}
