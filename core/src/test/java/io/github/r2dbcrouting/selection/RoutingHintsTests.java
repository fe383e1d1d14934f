package io.github.r2dbcrouting.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.Places;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import reactor.util.context.Context;

class RoutingHintsTests {

    private static final RoutingHints PRIMARY = RoutingHints.of(NodeRole.PRIMARY);
    private static final RoutingHints NODE = RoutingHints.of(new NodeId("r1"));
    private static final Consumer<RouteDecision> LISTENER = decision -> {};
    private static final RoutingHints FULL = new RoutingHints(
            null,
            NodeRole.REPLICA,
            Consistency.eventual(),
            Places.inRegion("eu"),
            Duration.ofSeconds(1),
            true,
            LISTENER);

    @Test
    void shouldTakeFromWeakerHintsOnlyWhatIsLeftOpen() {
        assertThat(PRIMARY.or(FULL))
                .isEqualTo(new RoutingHints(
                        null,
                        NodeRole.PRIMARY,
                        Consistency.eventual(),
                        Places.inRegion("eu"),
                        Duration.ofSeconds(1),
                        true,
                        LISTENER));
        assertThat(FULL.or(PRIMARY)).isEqualTo(FULL);
        assertThat(RoutingHints.of(Consistency.strong()).or(FULL).consistency()).isEqualTo(Consistency.strong());
        assertThat(RoutingHints.of(Places.inRegion("us")).or(FULL).places()).isEqualTo(Places.inRegion("us"));
        assertThat(RoutingHints.ofMaxLag(Duration.ofSeconds(9)).or(FULL).maxLag())
                .isEqualTo(Duration.ofSeconds(9));
        assertThat(RoutingHints.IDEMPOTENT.or(PRIMARY))
                .isEqualTo(new RoutingHints(null, NodeRole.PRIMARY, null, Places.ANY, null, true, null));
        Consumer<RouteDecision> other = decision -> {};
        assertThat(RoutingHints.explainedTo(other).or(FULL).explain()).isSameAs(other);
    }

    @Test
    void shouldTakeNodeAndRoleForOneWish() {
        assertThat(NODE.or(PRIMARY)).isEqualTo(NODE);
        assertThat(PRIMARY.or(NODE)).isEqualTo(PRIMARY);
    }

    @Test
    void shouldMakeNothingAnewWhereOneSideSaysNothing() {
        assertThat(FULL.or(RoutingHints.NONE)).isSameAs(FULL);
        assertThat(RoutingHints.NONE.or(FULL)).isSameAs(FULL);
    }

    @Test
    void shouldReadHintsFromTheContextOfASubscriber() {
        assertThat(RoutingHints.from(Context.of(RoutingHints.CONTEXT_KEY, PRIMARY)))
                .isSameAs(PRIMARY);
        assertThat(RoutingHints.from(Context.empty())).isSameAs(RoutingHints.NONE);
    }

    @Test
    void shouldRefuseWhatNoNodeCanSatisfy() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RoutingHints.of(NodeRole.UNKNOWN))
                .withMessageContaining("PRIMARY or REPLICA");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RoutingHints(new NodeId("r1"), NodeRole.PRIMARY, null, null, null, null, null))
                .withMessage("asked for the node r1 and for the role PRIMARY at once; use one of the two");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RoutingHints.ofMaxLag(Duration.ZERO))
                .withMessageStartingWith("maxLag must be positive, got PT0S");
        assertThatIllegalArgumentException().isThrownBy(() -> RoutingHints.of(Places.inRegion(" ")));
    }
}
