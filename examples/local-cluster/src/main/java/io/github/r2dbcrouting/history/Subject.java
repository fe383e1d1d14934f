package io.github.r2dbcrouting.history;

import java.util.Map;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What sessions are promised something by: keys that values are added to, and that are read. */
public interface Subject {

    /** Returns a new session that has written and read nothing. */
    Session open();

    /**
     * Returns the values that keys have, past everything that is tested; blocks until that can be told for sure.
     *
     * @param from the first key
     * @param to the key after the last one
     */
    Map<Integer, long[]> truth(int from, int to);

    /** One session. Its operations may overlap. */
    interface Session {

        /**
         * Returns a cold {@link Flux} that adds a value to a key. It emits once when its subscriber is told that it was done, and
         * completes when that is acknowledged; after an error or a cancel nobody knows.
         */
        Flux<?> add(int key, long value, AddKind kind);

        /** Returns a cold {@link Mono} of the values of a key. */
        Mono<Reading> read(int key, ReadKind kind);
    }

    /** How a value is added. */
    enum AddKind {
        /** By a statement of its own, which tells how many rows it has added. */
        STATEMENT,
        /** By a statement of its own, which returns the row that it has added. */
        RETURNING,
        /** In a transaction. */
        TRANSACTION,
        /** In a transaction that does nothing for a while before it commits. */
        IDLE_TRANSACTION
    }

    /** How a key is read. */
    enum ReadKind {
        /** As the session is promised. */
        STATEMENT,
        /** The same in a transaction that only reads. */
        TRANSACTION,
        /** With the wish to see the latest. */
        LATEST
    }

    /**
     * What was read.
     *
     * @param values the values in any order
     * @param at when the last of them had come, by {@link System#nanoTime()}
     * @param onPrimary whether it was the node that takes the writes which answered
     * @param note where it was read
     */
    record Reading(long[] values, long at, boolean onPrimary, String note) {}
}
