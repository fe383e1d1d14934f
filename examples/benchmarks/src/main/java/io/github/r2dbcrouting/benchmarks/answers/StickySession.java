package io.github.r2dbcrouting.benchmarks.answers;

import io.github.r2dbcrouting.benchmarks.load.DirectPools;
import io.r2dbc.spi.ConnectionFactory;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** A home-made session: for a while after a write it reads on the primary, in the hope that replicas are not later than that. */
final class StickySession implements SessionRows {

    private static final long STICKS = Duration.ofSeconds(5).toNanos();

    private final DirectPools pools;
    private final VersionedRows rows;
    private volatile @Nullable Long lastWriteAt;

    StickySession(DirectPools pools, VersionedRows rows) {
        this.pools = pools;
        this.rows = rows;
    }

    @Override
    public Mono<Void> write(int key, long version) {
        return VersionedRows.on(pools.primary(), connection -> rows.write(connection, key, version))
                .doOnSuccess(written -> lastWriteAt = System.nanoTime());
    }

    @Override
    public Mono<Seen> read(int key) {
        return Mono.defer(() -> {
            Long since = lastWriteAt;
            boolean sticks = since != null && System.nanoTime() - since < STICKS;
            ConnectionFactory pool = sticks ? pools.primary() : pools.nextReplica();
            return VersionedRows.on(pool, connection -> rows.read(connection, key))
                    .map(version -> new Seen(version, !sticks));
        });
    }
}
