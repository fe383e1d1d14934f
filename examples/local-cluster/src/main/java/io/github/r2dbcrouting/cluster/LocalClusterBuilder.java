package io.github.r2dbcrouting.cluster;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Says what a {@link LocalCluster} shall be like. Not safe for use by several threads. */
public final class LocalClusterBuilder {

    private static final int MOST_REPLICAS = 15;

    private final Kind kind;
    private final Platform platform;
    private final Map<String, String> settings = new LinkedHashMap<>();
    private int replicas = 2;

    LocalClusterBuilder(Kind kind, Platform platform) {
        this.kind = kind;
        this.platform = platform;
    }

    enum Kind {
        POSTGRESQL,
        MARIADB
    }

    /**
     * Sets the number of replicas beside the primary.
     *
     * @param number 0 to 15; 2 unless set
     */
    public LocalClusterBuilder replicas(int number) {
        if (number < 0 || number > MOST_REPLICAS) {
            throw new IllegalArgumentException("replicas must be 0 to " + MOST_REPLICAS + ", not " + number);
        }
        this.replicas = number;
        return this;
    }

    /**
     * Sets a server setting on every node, such as {@code synchronous_commit} to {@code remote_apply}. It goes before the
     * cluster's own.
     */
    public LocalClusterBuilder setting(String name, String value) {
        settings.put(name, value);
        return this;
    }

    /**
     * Starts the cluster; returns when every node accepts connections and every replica has replayed all there is.
     *
     * @throws LocalClusterException if the platform is not supported or a server does not start; nothing is left behind then
     */
    public LocalCluster start() {
        // Before anything is made: there is nothing to guard on a platform without sh.
        if (kind == Kind.POSTGRESQL) {
            PostgresqlBinaries.locate(platform);
        } else {
            MariadbBinaries.locate(platform);
        }
        for (int attempt = 1; ; attempt++) {
            try {
                return attemptToStart();
            } catch (PortTakenException e) {
                if (attempt == LocalCluster.PORT_ATTEMPTS) {
                    throw new LocalClusterException(
                            e.getMessage() + " This happened " + attempt + " times in a row.", e);
                }
            }
        }
    }

    private LocalCluster attemptToStart() {
        ClusterDirectory directory = ClusterDirectory.create();
        LocalCluster cluster = null;
        try {
            Account account = Account.forServersIn(directory.root());
            cluster = new LocalCluster(server(directory, account), directory, account);
            cluster.start(replicas);
            return cluster;
        } catch (RuntimeException | Error e) {
            if (cluster == null) {
                directory.close();
            } else {
                cluster.close();
            }
            throw e;
        }
    }

    private DatabaseServer server(ClusterDirectory directory, Account account) {
        BinaryCache cache = BinaryCache.open();
        Path workspace = directory.root();
        return switch (kind) {
            case POSTGRESQL ->
                new PostgresqlServer(new ServerSettings(
                        PostgresqlBinaries.unpack(platform, cache, workspace),
                        directory,
                        account,
                        ClusterUsers.generate("postgres"),
                        Map.copyOf(settings)));
            case MARIADB ->
                new MariadbServer(new ServerSettings(
                        MariadbBinaries.unpack(platform, cache, workspace),
                        directory,
                        account,
                        ClusterUsers.generate("root"),
                        Map.copyOf(settings)));
        };
    }
}
