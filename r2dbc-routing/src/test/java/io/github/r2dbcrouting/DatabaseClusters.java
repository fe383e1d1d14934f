package io.github.r2dbcrouting;

import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Gives a test class a cluster of each database, with two replicas: started before its first test, closed after its last. */
public final class DatabaseClusters implements BeforeAllCallback {

    private final Map<DatabaseKind, LocalClusterExtension> clusters = new EnumMap<>(DatabaseKind.class);

    public DatabaseClusters() {
        for (DatabaseKind database : DatabaseKind.values()) {
            clusters.put(database, LocalClusterExtension.of(database.cluster().replicas(2)));
        }
    }

    public LocalCluster of(DatabaseKind database) {
        return clusters.get(database).cluster();
    }

    public List<LocalCluster> all() {
        return Arrays.stream(DatabaseKind.values()).map(this::of).toList();
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        clusters.values().forEach(cluster -> cluster.beforeAll(context));
    }
}
