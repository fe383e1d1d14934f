package io.github.r2dbcrouting.benchmarks.consistency;

import io.github.r2dbcrouting.benchmarks.answers.VersionedRows;
import io.github.r2dbcrouting.benchmarks.frame.Samples;
import io.github.r2dbcrouting.benchmarks.load.Database;
import io.github.r2dbcrouting.benchmarks.load.DirectPools;
import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.TcpProxy;
import io.r2dbc.pool.ConnectionPool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import reactor.core.publisher.Mono;

/**
 * Has all replicas of a cluster show what is written only some time later: PostgreSQL holds each commit back by itself
 * ({@code recovery_min_apply_delay}); to MariaDB, whose own delay counts in seconds, it comes late through a slow network.
 */
final class ReplayLag {

    private static final Duration LONGEST = Duration.ofSeconds(10);
    private static final int TRIES = 9;

    private final LocalCluster cluster;
    private final Database database;

    ReplayLag(LocalCluster cluster, Database database) {
        this.cluster = cluster;
        this.database = database;
        if (database == Database.MARIADB) {
            int port = cluster.primary().proxy().port();
            for (ClusterNode replica : cluster.replicas()) {
                replica.execute("STOP SLAVE");
                replica.execute("CHANGE MASTER TO MASTER_PORT=" + port);
                replica.execute("START SLAVE");
            }
            cluster.awaitReplication();
        }
    }

    /** Sets the lag and waits until all replicas have it. */
    void set(Duration lag) {
        switch (database) {
            case POSTGRESQL -> cluster.replicas().forEach(replica -> delay(replica, lag.toMillis()));
            // Only the replication comes through it.
            case MARIADB -> cluster.primary().proxy().latency(TcpProxy.Direction.TO_CLIENT, lag);
        }
        cluster.awaitReplication();
    }

    private static void delay(ClusterNode replica, long millis) {
        replica.execute("ALTER SYSTEM SET recovery_min_apply_delay = " + millis);
        replica.execute("SELECT pg_reload_conf()");
        long since = System.nanoTime();
        while (!replica.query("SELECT setting FROM pg_settings WHERE name = 'recovery_min_apply_delay'")
                .equals(List.of(List.of(Long.toString(millis))))) {
            if (System.nanoTime() - since > LONGEST.toNanos()) {
                throw new IllegalStateException(replica.name() + " does not take a delay of " + millis + " ms");
            }
        }
    }

    /** Returns how many milliseconds after a write a replica shows it, the median of some; an idle one is asked again and again. */
    double measure(DirectPools pools, VersionedRows rows) {
        List<Double> lags = new ArrayList<>();
        for (int i = 0; i < TRIES; i++) {
            ConnectionPool replica = pools.replicas().get(i % pools.replicas().size());
            int key = rows.nextKey();
            long version = rows.nextVersion();
            VersionedRows.on(pools.primary(), connection -> rows.write(connection, key, version))
                    .block(LONGEST);
            long writtenAt = System.nanoTime();
            Mono.defer(() -> VersionedRows.on(replica, connection -> rows.read(connection, key)))
                    .repeat()
                    .filter(seen -> seen == version)
                    .next()
                    .block(LONGEST);
            lags.add((System.nanoTime() - writtenAt) / 1e6);
        }
        return Samples.of(lags, Objects::requireNonNull).median();
    }
}
