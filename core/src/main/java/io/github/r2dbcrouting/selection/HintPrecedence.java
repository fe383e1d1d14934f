package io.github.r2dbcrouting.selection;

import io.github.r2dbcrouting.sql.RoutingComment;
import org.jspecify.annotations.Nullable;

/**
 * How the wishes of different origins come together, wish by wish. Strongest first: a node that the Reactor Context names, the
 * comment in the text, the rest of the context, the definition of a transaction, the derived factory. Weaker than all of them
 * is the classification of the text, and then {@linkplain SelectionSettings#unhinted() the factory's default}. Stronger than
 * all of them is a connection that is pinned already, on which nothing is decided any more.
 */
public final class HintPrecedence {

    private HintPrecedence() {}

    /**
     * Returns what a statement wishes.
     *
     * @param comment what its text says; without a defect
     * @param context what its subscriber says
     * @param factory what the factory says that its connection came from
     */
    public static RoutingHints ofStatement(
            @Nullable RoutingComment comment, RoutingHints context, RoutingHints factory) {
        if (comment == null) {
            return context.or(factory);
        }
        RoutingHints text = new RoutingHints(
                comment.node(), comment.role(), comment.consistency(), comment.places(), comment.maxLag(), null, null);
        RoutingHints nearest =
                context.node() == null ? text : RoutingHints.of(context.node()).or(text);
        return nearest.or(context).or(factory);
    }

    /**
     * Returns what a transaction wishes.
     *
     * @param context what its subscriber says
     * @param definition what its definition says
     * @param factory what the factory says that its connection came from
     */
    public static RoutingHints ofTransaction(RoutingHints context, RoutingHints definition, RoutingHints factory) {
        return context.or(definition).or(factory);
    }
}
