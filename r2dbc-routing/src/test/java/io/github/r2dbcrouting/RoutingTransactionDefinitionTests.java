package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.selection.RoutingHints;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.Places;
import io.r2dbc.spi.IsolationLevel;
import io.r2dbc.spi.TransactionDefinition;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RoutingTransactionDefinitionTests {

    private final RoutingTransactionDefinition plain = RoutingTransactionDefinition.of(IsolationLevel.REPEATABLE_READ);

    @Test
    void shouldHaveTheAttributesOfTheOtherDefinition() {
        assertThat(plain.primary().getAttribute(TransactionDefinition.ISOLATION_LEVEL))
                .isEqualTo(IsolationLevel.REPEATABLE_READ);
        assertThat(plain.primary().getAttribute(TransactionDefinition.READ_ONLY))
                .isNull();
    }

    @Test
    void shouldCarryEachWishAndOfTwoForTheSameTheLaterOne() {
        assertThat(hints(plain)).isEqualTo(RoutingHints.NONE);
        assertThat(hints(plain.primary()
                        .replica()
                        .region("eu")
                        .maxLag(Duration.ofSeconds(1))
                        .consistency(Consistency.eventual())))
                .isEqualTo(new RoutingHints(
                        null,
                        NodeRole.REPLICA,
                        Consistency.eventual(),
                        Places.inRegion("eu"),
                        Duration.ofSeconds(1),
                        null,
                        null));
        assertThat(hints(plain.replica().using("r1"))).isEqualTo(RoutingHints.of(new NodeId("r1")));
    }

    @Test
    void shouldAddToTheWishesOfTheDefinitionWithin() {
        RoutingTransactionDefinition outer =
                RoutingTransactionDefinition.of(plain.replica().region("eu")).region("us");
        assertThat(hints(outer))
                .isEqualTo(RoutingHints.of(NodeRole.REPLICA).or(RoutingHints.of(Places.inRegion("us"))));
    }

    private static RoutingHints hints(RoutingTransactionDefinition definition) {
        return definition.getAttribute(RoutingTransactionDefinition.HINTS);
    }
}
