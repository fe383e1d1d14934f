package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.selection.RouteDecision;
import io.github.r2dbcrouting.selection.RoutingHints;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.Places;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/** How the wishes of nested chains come together. */
class ContextHintsTests {

    private static final Consumer<RouteDecision> LISTENER = decision -> {};

    @Test
    void shouldAddTheWishesOfAChainToThoseOfTheChainAround() {
        assertThat(seen(
                        Routing.replica(),
                        Routing.consistency(Consistency.eventual()),
                        Routing.region("eu"),
                        Routing.maxLag(Duration.ofSeconds(1)),
                        Routing.idempotent(),
                        Routing.explain(LISTENER)))
                .isEqualTo(new RoutingHints(
                        null,
                        NodeRole.REPLICA,
                        Consistency.eventual(),
                        Places.inRegion("eu"),
                        Duration.ofSeconds(1),
                        true,
                        LISTENER));
    }

    @Test
    void shouldLetTheInnermostWishWin() {
        assertThat(seen(Routing.primary(), Routing.replica())).isEqualTo(RoutingHints.of(NodeRole.PRIMARY));
        assertThat(seen(Routing.using("r1"), Routing.replica())).isEqualTo(RoutingHints.of(new NodeId("r1")));
        assertThat(seen(Routing.primary(), Routing.using("r1"))).isEqualTo(RoutingHints.of(NodeRole.PRIMARY));
        assertThat(seen(Routing.region("eu"), Routing.region("us"))).isEqualTo(RoutingHints.of(Places.inRegion("eu")));
    }

    @Test
    void shouldTakeBackWhatTheChainAroundWishes() {
        assertThat(seen(Routing.unhinted(), Routing.replica(), Routing.idempotent()))
                .isEqualTo(RoutingHints.NONE);
        assertThat(seen(Routing.region("eu"), Routing.unhinted(), Routing.replica()))
                .isEqualTo(RoutingHints.of(Places.inRegion("eu")));
    }

    @Test
    void shouldWriteSeveralWishesAtOnce() {
        assertThat(seen(Routing.region("eu").andThen(Routing.replica())))
                .isEqualTo(RoutingHints.of(Places.inRegion("eu")).or(RoutingHints.of(NodeRole.REPLICA)));
    }

    /** Returns what a statement sees inside these chains, the innermost first. */
    @SafeVarargs
    private static RoutingHints seen(Function<Context, Context>... chains) {
        Mono<RoutingHints> statement = Mono.deferContextual(context -> Mono.just(RoutingHints.from(context)));
        for (Function<Context, Context> chain : chains) {
            statement = statement.contextWrite(chain);
        }
        return statement.block(Duration.ofSeconds(5));
    }
}
