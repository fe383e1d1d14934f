package io.github.r2dbcrouting.benchmarks.answers;

import io.github.r2dbcrouting.benchmarks.load.DirectPools;
import reactor.core.publisher.Mono;

/** A session that never leaves the primary. */
record PrimarySession(DirectPools pools, VersionedRows rows) implements SessionRows {

    @Override
    public Mono<Void> write(int key, long version) {
        return VersionedRows.on(pools.primary(), connection -> rows.write(connection, key, version));
    }

    @Override
    public Mono<Seen> read(int key) {
        return VersionedRows.on(pools.primary(), connection -> rows.read(connection, key))
                .map(version -> new Seen(version, false));
    }
}
