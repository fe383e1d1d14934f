package io.github.r2dbcrouting.selection;

import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.Places;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.util.context.ContextView;

/**
 * Where the user wants a statement to run, and how. Travels in the Reactor Context and is read when the statement is
 * subscribed to. Node and role together are one wish: where.
 *
 * @param node the node to use and no other, or {@code null}
 * @param role {@code PRIMARY} sends reads to the primary, {@code REPLICA} sends to a replica whatever is not surely a
 *     write; {@code null} leaves it to the classification, or to the node where one is named
 * @param consistency what a read may observe, or {@code null} for what the factory says
 * @param places which replicas come first
 * @param maxLag how far a replica may be behind, positive, or {@code null} for what the factory says
 * @param idempotent whether a write may be sent again when its outcome is unknown; {@code null} for no
 * @param explain is given each decision, or {@code null}
 */
public record RoutingHints(
        @Nullable NodeId node,
        @Nullable NodeRole role,
        @Nullable Consistency consistency,
        Places places,
        @Nullable Duration maxLag,
        @Nullable Boolean idempotent,
        @Nullable Consumer<? super RouteDecision> explain) {

    public RoutingHints {
        if (role == NodeRole.UNKNOWN) {
            throw new IllegalArgumentException("no node can be asked for by the role UNKNOWN; use PRIMARY or REPLICA");
        }
        if (node != null && role != null) {
            throw new IllegalArgumentException(
                    "asked for the node " + node + " and for the role " + role + " at once; use one of the two");
        }
        if (maxLag != null && (maxLag.isZero() || maxLag.isNegative())) {
            throw new IllegalArgumentException(
                    "maxLag must be positive, got " + maxLag + "; ask for the primary to allow no lag");
        }
    }

    /** No wish at all. */
    public static final RoutingHints NONE = new RoutingHints(null, null, null, Places.ANY, null, null, null);

    /** The wish that a write is sent again when its outcome is unknown. */
    public static final RoutingHints IDEMPOTENT = new RoutingHints(null, null, null, Places.ANY, null, true, null);

    /** The key under which hints travel in the Reactor Context. */
    public static final Object CONTEXT_KEY = RoutingHints.class;

    /** Returns the wish for a node. */
    public static RoutingHints of(NodeId node) {
        return new RoutingHints(node, null, null, Places.ANY, null, null, null);
    }

    /** Returns the wish for a role. */
    public static RoutingHints of(NodeRole role) {
        return new RoutingHints(null, role, null, Places.ANY, null, null, null);
    }

    /** Returns the wish for what a read may observe. */
    public static RoutingHints of(Consistency consistency) {
        return new RoutingHints(null, null, consistency, Places.ANY, null, null, null);
    }

    /** Returns the wish for replicas of some places before others. */
    public static RoutingHints of(Places places) {
        return new RoutingHints(null, null, null, places, null, null, null);
    }

    /**
     * Returns the wish for replicas that are not further behind.
     *
     * @param maxLag positive
     */
    public static RoutingHints ofMaxLag(Duration maxLag) {
        return new RoutingHints(null, null, null, Places.ANY, maxLag, null, null);
    }

    /** Returns the wish to be given each decision. */
    public static RoutingHints explainedTo(Consumer<? super RouteDecision> explain) {
        return new RoutingHints(null, null, null, Places.ANY, null, null, explain);
    }

    /** Returns the hints of a subscriber, or {@link #NONE}. */
    public static RoutingHints from(ContextView context) {
        RoutingHints hints = context.getOrDefault(CONTEXT_KEY, null);
        return hints == null ? NONE : hints;
    }

    /** Returns how stale what is read may be at most, or {@code null} if they do not say. */
    @Nullable
    Duration bound() {
        return consistency == null ? null : consistency.staleness();
    }

    /** Returns whether they say where: by a node or by a role. */
    public boolean sayWhere() {
        return node != null || role != null;
    }

    /** Returns the same hints without a role. */
    public RoutingHints withoutRole() {
        return role == null ? this : new RoutingHints(node, null, consistency, places, maxLag, idempotent, explain);
    }

    /** Returns the same hints for other places before those that they name. */
    RoutingHints preferring(Places others) {
        return others.isAny()
                ? this
                : new RoutingHints(node, role, consistency, others.or(places), maxLag, idempotent, explain);
    }

    /** Returns these hints, and for each wish that they leave open what weaker ones say of it. */
    public RoutingHints or(RoutingHints weaker) {
        if (weaker == NONE || this == weaker) {
            return this;
        }
        if (this == NONE) {
            return weaker;
        }
        boolean here = sayWhere();
        return new RoutingHints(
                here ? node : weaker.node,
                here ? role : weaker.role,
                first(consistency, weaker.consistency),
                places.or(weaker.places),
                first(maxLag, weaker.maxLag),
                first(idempotent, weaker.idempotent),
                first(explain, weaker.explain));
    }

    private static <T> @Nullable T first(@Nullable T stronger, @Nullable T weaker) {
        return stronger != null ? stronger : weaker;
    }
}
