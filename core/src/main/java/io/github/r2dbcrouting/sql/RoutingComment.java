package io.github.r2dbcrouting.sql;

import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a comment in a statement's text asks of the routing: {@code /*+ route: … *}{@code /}.
 *
 * @param node the node to use and no other, or {@code null}
 * @param role the role of the node to use, or {@code null}
 * @param consistency what the statement may observe, or {@code null}
 * @param region where the node should be, or {@code null}
 * @param maxLag how far the node may be behind, or {@code null}
 * @param problem why the comment cannot be obeyed, or {@code null} if it can
 */
public record RoutingComment(
        @Nullable NodeId node,
        @Nullable NodeRole role,
        @Nullable Consistency consistency,
        @Nullable String region,
        @Nullable Duration maxLag,
        @Nullable String problem) {}
