package io.github.r2dbcrouting.acquiring;

import io.github.r2dbcrouting.selection.RouteRequest;
import io.github.r2dbcrouting.selection.RoutingHints;
import io.github.r2dbcrouting.sql.StatementProfile.Access;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one statement or transaction wants of a connection.
 *
 * @param sql its text, for those who are told of the route
 * @param access what it does
 * @param hints the subscriber's wishes
 * @param excluded nodes on which it just failed
 * @param readOnlyTransaction whether it begins a read-only transaction, so that a pin for it ends with that
 * @param heavy whether it is a read that has been observed to cost much
 * @param view what a read must see, or {@code null} if any node will do
 */
public record Want(
        String sql,
        Access access,
        RoutingHints hints,
        Set<NodeId> excluded,
        boolean readOnlyTransaction,
        boolean heavy,
        @Nullable SessionView view) {

    public static Want of(String sql, Access access, RoutingHints hints) {
        return new Want(sql, access, hints, Set.of(), false, false, null);
    }

    /** Returns the want of a read-only transaction. */
    public static Want toReadOnly(String sql, RoutingHints hints) {
        return new Want(sql, Access.READ, hints, Set.of(), true, false, null);
    }

    /** Returns the same want, which must see what a session has seen. */
    public Want seeing(@Nullable SessionView seen) {
        return seen == null ? this : new Want(sql, access, hints, excluded, readOnlyTransaction, heavy, seen);
    }

    /** Returns the same want, of something that has been observed to cost much. */
    public Want asHeavy() {
        return new Want(sql, access, hints, excluded, readOnlyTransaction, true, view);
    }

    /** Returns the same want after a failure on a node. */
    public Want after(NodeId node) {
        Set<NodeId> more = new HashSet<>(excluded);
        more.add(node);
        return new Want(sql, access, hints, Set.copyOf(more), readOnlyTransaction, heavy, view);
    }

    /** Returns the same want, for the primary and for a pin; a replica that was asked for does not do. */
    public Want asWrite() {
        return new Want(sql, Access.WRITE, hints.withoutRole(), Set.of(), false, false, null);
    }

    /** Returns whether the user wants it on a replica, or on a node that may be one, and nowhere else. */
    public boolean isForReplica() {
        return hints.role() == NodeRole.REPLICA || hints.node() != null;
    }

    /** Returns whether its hints wish for places, which may not exist or not do. */
    public boolean hasPlaces() {
        return isForReplica() || !hints.places().isAny();
    }

    /** Returns the request that shows whether what the hints name exists, and may take a write; nobody's turn passes by it. */
    RouteRequest test() {
        return new RouteRequest(Access.WRITE, hints, null, null, Set.of());
    }

    /** Returns whether it can be served without a pin, by any connection that will do. */
    public boolean isRead() {
        return access == Access.READ || access == Access.UNKNOWN && isForReplica();
    }

    public RouteRequest request(@Nullable NodeId preferred) {
        return heavy && isRead() ? plain(preferred).asHeavy() : plain(preferred);
    }

    private RouteRequest plain(@Nullable NodeId preferred) {
        return hints == RoutingHints.NONE && preferred == null && excluded.isEmpty() && access == Access.READ
                ? RouteRequest.READ
                : new RouteRequest(access, hints, null, preferred, excluded);
    }
}
