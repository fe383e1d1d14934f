package io.github.r2dbcrouting.benchmarks.answers;

import io.github.r2dbcrouting.benchmarks.load.Database;
import io.github.r2dbcrouting.benchmarks.load.DirectPools;
import io.r2dbc.pool.ConnectionPool;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A home-made session: after each write it asks the primary for its position, and before each read all replicas at once for theirs.
 * It reads on one that has come so far, or else on the primary. Before its first write it asks nobody.
 */
final class AskingSession implements SessionRows {

    private final DirectPools pools;
    private final VersionedRows rows;
    private final Database database;
    private volatile @Nullable String position;

    AskingSession(DirectPools pools, VersionedRows rows, Database database) {
        this.pools = pools;
        this.rows = rows;
        this.database = database;
    }

    @Override
    public Mono<Void> write(int key, long version) {
        return VersionedRows.on(
                        pools.primary(),
                        connection -> rows.write(connection, key, version).then(Mono.defer(() -> ask(connection))))
                .doOnNext(reached -> position = reached)
                .then();
    }

    private Mono<String> ask(Connection connection) {
        return VersionedRows.single(
                connection.createStatement(database.position()).execute(), String.class);
    }

    @Override
    public Mono<Seen> read(int key) {
        return Mono.defer(() -> {
            String written = position;
            return written == null
                    ? read(pools.nextReplica(), key, true)
                    : caughtUp(written)
                            .flatMap(replicas -> replicas.isEmpty()
                                    ? read(pools.primary(), key, false)
                                    : read(replicas.get(Math.floorMod(key, replicas.size())), key, true));
        });
    }

    private Mono<Seen> read(ConnectionFactory pool, int key, boolean isReplica) {
        return VersionedRows.on(pool, connection -> rows.read(connection, key))
                .map(version -> new Seen(version, isReplica));
    }

    private Mono<List<ConnectionPool>> caughtUp(String written) {
        return Flux.fromIterable(pools.replicas())
                .flatMap(pool -> VersionedRows.on(
                                pool,
                                connection -> VersionedRows.single(
                                        connection
                                                .createStatement(database.hasReached())
                                                .bind(0, written)
                                                .execute(),
                                        Integer.class))
                        .filter(reached -> reached == 1)
                        .map(reached -> pool))
                .collectList();
    }
}
