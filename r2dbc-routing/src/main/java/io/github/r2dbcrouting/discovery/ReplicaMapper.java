package io.github.r2dbcrouting.discovery;

import io.github.r2dbcrouting.dialect.ReportedReplica;
import io.github.r2dbcrouting.topology.NodeSettings;
import org.jspecify.annotations.Nullable;

/** Tells where a replica is found that a primary names, for networks in which its own address is of no use here. Must not block. */
@FunctionalInterface
public interface ReplicaMapper {

    /**
     * Returns where the replica is found, or {@code null} to leave it out.
     *
     * @param primary the node that names it
     */
    @Nullable
    NodeSettings map(ReportedReplica replica, NodeSettings primary);

    /**
     * Returns the usual one: what the replica's name ends with, if that is {@code host:port} after a blank, an {@code @} or nothing, as in
     * {@code reports@db3.example:5433}; else the address that it reports, and where it reports no port that of its primary.
     */
    static ReplicaMapper usual() {
        return ReplicaNames::map;
    }
}
