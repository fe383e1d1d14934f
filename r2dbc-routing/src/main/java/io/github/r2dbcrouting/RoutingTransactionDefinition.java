package io.github.r2dbcrouting;

import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.selection.RoutingHints;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.Places;
import io.github.r2dbcrouting.transaction.TransactionHints;
import io.r2dbc.spi.Option;
import io.r2dbc.spi.TransactionDefinition;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A definition of a transaction with wishes for where it runs, beside the attributes of another definition:
 * {@code RoutingTransactionDefinition.of(IsolationLevel.REPEATABLE_READ).replica().region("eu")}. Immutable. What the Reactor
 * Context wishes is stronger.
 *
 * <p>Any definition of another type can carry the same wishes, as its attribute {@link #HINTS}; one that carries none, such as
 * Spring's, runs by its {@link TransactionDefinition#READ_ONLY} as ever.
 */
public final class RoutingTransactionDefinition implements TransactionDefinition {

    /** The attribute with the wishes. */
    public static final Option<RoutingHints> HINTS = TransactionHints.ATTRIBUTE;

    private final TransactionDefinition definition;
    private final RoutingHints hints;

    private RoutingTransactionDefinition(TransactionDefinition definition, RoutingHints hints) {
        this.definition = definition;
        this.hints = hints;
    }

    /** Returns a definition with the attributes of another and no further wish. */
    public static RoutingTransactionDefinition of(TransactionDefinition definition) {
        return new RoutingTransactionDefinition(definition, RoutingHints.NONE);
    }

    /** Begins on the primary, also if it is read-only. */
    public RoutingTransactionDefinition primary() {
        return with(RoutingHints.of(NodeRole.PRIMARY));
    }

    /** Begins on a replica, read-only, or on the primary while no replica is eligible. */
    public RoutingTransactionDefinition replica() {
        return with(RoutingHints.of(NodeRole.REPLICA));
    }

    /**
     * Begins on one node and on no other, read-only if it is a replica.
     *
     * @param node the node's name
     */
    public RoutingTransactionDefinition using(String node) {
        return with(RoutingHints.of(new NodeId(node)));
    }

    /** Says what it may observe if it is read-only. */
    public RoutingTransactionDefinition consistency(Consistency consistency) {
        return with(RoutingHints.of(consistency));
    }

    /** Begins on a replica of a region while one is eligible, the dearest first, if it is read-only. */
    public RoutingTransactionDefinition region(String... regions) {
        return with(RoutingHints.of(Places.inRegion(regions)));
    }

    /** Begins on a replica of a zone while one is eligible, if it is read-only. */
    public RoutingTransactionDefinition zone(String... zones) {
        return with(RoutingHints.of(Places.inZone(zones)));
    }

    /** Begins on a replica with a tag while one is eligible, if it is read-only. */
    public RoutingTransactionDefinition tag(String... tags) {
        return with(RoutingHints.of(Places.tagged(tags)));
    }

    /**
     * Sets how far the replica may be behind on which it begins, if it is read-only.
     *
     * @param maxLag positive
     */
    public RoutingTransactionDefinition maxLag(Duration maxLag) {
        return with(RoutingHints.ofMaxLag(maxLag));
    }

    private RoutingTransactionDefinition with(RoutingHints further) {
        return new RoutingTransactionDefinition(definition, further.or(hints));
    }

    @Override
    @SuppressWarnings("unchecked") // The attribute's type is that of its name.
    public <T> @Nullable T getAttribute(Option<T> option) {
        if (!option.equals(HINTS)) {
            return definition.getAttribute(option);
        }
        RoutingHints inner = definition.getAttribute(HINTS);
        return (T) (inner == null ? hints : hints.or(inner));
    }

    @Override
    public String toString() {
        return definition + " " + hints;
    }
}
