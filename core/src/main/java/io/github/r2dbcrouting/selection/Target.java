package io.github.r2dbcrouting.selection;

import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.sql.StatementProfile.Access;
import io.github.r2dbcrouting.topology.NodeRole;

/** Which nodes a request may go to at all, before any of them is looked at. */
enum Target {
    /** The one that the user named, and no other. */
    NAMED,
    /** The primary only. */
    PRIMARY,
    /** A replica if one is eligible. */
    REPLICA,
    /** Any eligible node, the primary among them. */
    NEAREST,
    /** None: it is a write, and the user wants it on a replica. */
    WRITE_ON_REPLICA,
    /** None: it is a read on a replica, of a consistency that only the primary gives. */
    CONTRADICTION;

    /**
     * Returns the target of what was asked; a named node takes precedence over a role, and a role over the access.
     *
     * @param hints the user's wishes, those of the factory's default among them
     * @param unhinted where reads go of which the hints do not say where
     */
    static Target of(Access access, RoutingHints hints, Target unhinted) {
        if (hints.node() != null) {
            return NAMED;
        }
        NodeRole role = hints.role();
        if (access == Access.WRITE) {
            return role == NodeRole.REPLICA ? WRITE_ON_REPLICA : PRIMARY;
        }
        if (role == NodeRole.PRIMARY || access == Access.UNKNOWN && role == null) {
            return PRIMARY;
        }
        Consistency consistency = hints.consistency();
        if (consistency != null && consistency.isForPrimary()) {
            return role == null ? PRIMARY : CONTRADICTION;
        }
        return role == null ? unhinted : REPLICA;
    }
}
