package io.github.r2dbcrouting.discovery;

import io.github.r2dbcrouting.dialect.ReportedReplica;
import io.github.r2dbcrouting.topology.NodeSettings;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the address in a replica's name, since PostgreSQL knows from where a replica is connected but not where it listens. */
final class ReplicaNames {

    private static final Pattern ADDRESS =
            Pattern.compile("(?:.*[\\s@])?(?:\\[([^\\]]+)]|([^\\s@:\\[\\]]+)):(\\d{1,5})");

    private ReplicaNames() {}

    static @Nullable NodeSettings map(ReportedReplica replica, NodeSettings primary) {
        Matcher name = ADDRESS.matcher(replica.name() == null ? "" : replica.name());
        if (name.matches()) {
            int port = Integer.parseInt(name.group(3));
            if (port >= 1 && port <= 65_535) {
                return NodeSettings.of(name.group(1) == null ? name.group(2) : name.group(1), port);
            }
        }
        String host = replica.host();
        return host == null || host.isBlank()
                ? null
                : NodeSettings.of(host, replica.port() > 0 ? replica.port() : primary.port());
    }
}
