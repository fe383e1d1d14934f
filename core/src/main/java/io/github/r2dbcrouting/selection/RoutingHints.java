package io.github.r2dbcrouting.selection;

import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import org.jspecify.annotations.Nullable;
import reactor.util.context.ContextView;

/**
 * Where the user wants a statement to run. Travels in the Reactor Context and is read when the statement is subscribed
 * to.
 *
 * @param node the node to use and no other, or {@code null}
 * @param role {@code PRIMARY} sends reads to the primary, {@code REPLICA} sends to a replica whatever is not surely a
 *     write; {@code null} leaves it to the classification
 */
public record RoutingHints(@Nullable NodeId node, @Nullable NodeRole role) {

    public RoutingHints {
        if (role == NodeRole.UNKNOWN) {
            throw new IllegalArgumentException("no node can be asked for by the role UNKNOWN; use PRIMARY or REPLICA");
        }
    }

    /** No wish at all. */
    public static final RoutingHints NONE = new RoutingHints(null, null);

    /** The key under which hints travel in the Reactor Context. */
    public static final Object CONTEXT_KEY = RoutingHints.class;

    /** Returns the hints of a subscriber, or {@link #NONE}. */
    public static RoutingHints from(ContextView context) {
        RoutingHints hints = context.getOrDefault(CONTEXT_KEY, null);
        return hints == null ? NONE : hints;
    }
}
