package io.github.r2dbcrouting.benchmarks.answers;

import reactor.core.publisher.Mono;

/** The rows as one session writes and reads them, one statement after the other. */
public interface SessionRows {

    /** Returns a cold {@link Mono} that writes a row on the primary. */
    Mono<Void> write(int key, long version);

    /** Returns a cold {@link Mono} that reads a row where this answer takes it from. */
    Mono<Seen> read(int key);

    /**
     * What a read has found.
     *
     * @param version that of the row
     * @param onReplica whether a replica showed it
     */
    record Seen(long version, boolean onReplica) {}
}
