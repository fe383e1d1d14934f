package io.github.r2dbcrouting.services;

import io.github.r2dbcrouting.selection.RouteDecision;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import org.jspecify.annotations.Nullable;

/**
 * Where one statement was sent, and why.
 *
 * @param sql the statement's text, or for a transaction {@code "BEGIN"}
 * @param node the node it was sent to
 * @param role what that node was when the connection was opened
 * @param reason why it went there, in a few words
 * @param decision the decision with the verdicts on all nodes; {@code null} where a transaction or an earlier write had
 *     settled it
 */
public record StatementRoute(
        String sql,
        NodeId node,
        NodeRole role,
        String reason,
        @Nullable RouteDecision decision) {}
