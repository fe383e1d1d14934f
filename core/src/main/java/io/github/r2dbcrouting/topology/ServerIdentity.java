package io.github.r2dbcrouting.topology;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which server answered.
 *
 * @param clusterId what all nodes of one cluster share, or {@code null} where the database has no such thing
 * @param instanceId what changes when the server becomes another one, and what no two servers of a cluster share
 * @param version the server's version as it reports it
 */
public record ServerIdentity(@Nullable String clusterId, String instanceId, String version) {

    public ServerIdentity {
        Objects.requireNonNull(instanceId, "instanceId");
        Objects.requireNonNull(version, "version");
    }
}
