package io.github.r2dbcrouting.sql;

import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.Places;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What the comments in a statement's text ask of the routing: {@code /*+ route: … *}{@code /}. Node and role exclude each
 * other.
 *
 * @param node the node to use and no other, or {@code null}
 * @param role the role of the node to use, or {@code null}
 * @param consistency what the statement may observe, or {@code null}
 * @param places which nodes come first
 * @param maxLag how far the node may be behind, or {@code null}
 * @param defect why the comment cannot be obeyed, or {@code null} if it can
 */
public record RoutingComment(
        @Nullable NodeId node,
        @Nullable NodeRole role,
        @Nullable Consistency consistency,
        Places places,
        @Nullable Duration maxLag,
        @Nullable Defect defect) {

    /**
     * What is wrong with a hint.
     *
     * @param hint the hint as it is written
     * @param place where it stands in the text, as "character 17", or among several texts
     * @param seen what is wrong, as a clause
     * @param needed what would do
     */
    public record Defect(String hint, String place, String seen, String needed) {}

    /** Returns what this comment and that of another statement, which is sent together with it, ask for. */
    public RoutingComment and(RoutingComment other) {
        if (defect != null) {
            return this;
        }
        if (other.defect != null) {
            return other;
        }
        boolean contradictory = contradict(node, other.node)
                || contradict(role, other.role)
                || contradict(consistency, other.consistency)
                || !places.isAny() && !other.places.isAny() && !places.equals(other.places)
                || contradict(maxLag, other.maxLag)
                || (node != null || other.node != null) && (role != null || other.role != null);
        Defect found = contradictory
                ? new Defect(
                        "route",
                        "the batch",
                        "asks for different things in statements that are sent together",
                        "the same hints in all of them, or in one alone")
                : null;
        return new RoutingComment(
                first(node, other.node),
                first(role, other.role),
                first(consistency, other.consistency),
                places.or(other.places),
                first(maxLag, other.maxLag),
                found);
    }

    private static boolean contradict(@Nullable Object one, @Nullable Object other) {
        return one != null && other != null && !one.equals(other);
    }

    private static <T> @Nullable T first(@Nullable T one, @Nullable T other) {
        return one != null ? one : other;
    }
}
