package io.github.r2dbcrouting.selection;

import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.util.context.ContextView;

/**
 * Where the user wants a statement to run, and how. Travels in the Reactor Context and is read when the statement is
 * subscribed to.
 *
 * @param node the node to use and no other, or {@code null}
 * @param role {@code PRIMARY} sends reads to the primary, {@code REPLICA} sends to a replica whatever is not surely a
 *     write; {@code null} leaves it to the classification
 * @param consistency what a read may observe, or {@code null} for what the factory says
 * @param region where a replica should be, or {@code null} for anywhere
 * @param maxLag how far a replica may be behind, positive, or {@code null} for what the factory says
 * @param idempotent whether a write may be sent again when its outcome is unknown; {@code null} for no
 * @param explain is given each decision, or {@code null}
 */
public record RoutingHints(
        @Nullable NodeId node,
        @Nullable NodeRole role,
        @Nullable Consistency consistency,
        @Nullable String region,
        @Nullable Duration maxLag,
        @Nullable Boolean idempotent,
        @Nullable Consumer<? super RouteDecision> explain) {

    public RoutingHints {
        if (role == NodeRole.UNKNOWN) {
            throw new IllegalArgumentException("no node can be asked for by the role UNKNOWN; use PRIMARY or REPLICA");
        }
    }

    /** No wish at all. */
    public static final RoutingHints NONE = new RoutingHints(null, null, null, null, null, null, null);

    /** The key under which hints travel in the Reactor Context. */
    public static final Object CONTEXT_KEY = RoutingHints.class;

    /** Returns the wish for a node. */
    public static RoutingHints of(NodeId node) {
        return new RoutingHints(node, null, null, null, null, null, null);
    }

    /** Returns the wish for a role. */
    public static RoutingHints of(NodeRole role) {
        return new RoutingHints(null, role, null, null, null, null, null);
    }

    /** Returns the hints of a subscriber, or {@link #NONE}. */
    public static RoutingHints from(ContextView context) {
        RoutingHints hints = context.getOrDefault(CONTEXT_KEY, null);
        return hints == null ? NONE : hints;
    }
}
