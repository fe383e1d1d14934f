package io.github.r2dbcrouting.selection;

import io.github.r2dbcrouting.sql.StatementProfile.Access;
import io.github.r2dbcrouting.topology.NodeRole;

/** Which nodes a request may go to at all, before any of them is looked at. */
enum Target {
    /** The one that the user named, and no other. */
    NAMED,
    /** The primary only. */
    PRIMARY,
    /** A replica if one is eligible. */
    REPLICA;

    /** Returns the target of a request; a named node takes precedence over a role, and a role over the access. */
    static Target of(RouteRequest request) {
        RoutingHints hints = request.hints();
        if (hints.node() != null) {
            return NAMED;
        }
        if (request.access() == Access.WRITE || hints.role() == NodeRole.PRIMARY) {
            return PRIMARY;
        }
        return request.access() == Access.READ || hints.role() == NodeRole.REPLICA ? REPLICA : PRIMARY;
    }
}
