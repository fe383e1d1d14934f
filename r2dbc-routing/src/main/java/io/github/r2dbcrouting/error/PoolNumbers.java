package io.github.r2dbcrouting.error;

import java.io.Serial;
import java.io.Serializable;

/**
 * How a node's pool stood at one moment. The numbers are read one after the other while others take and give back, so they
 * need not add up.
 *
 * @param inUse connections that are lent
 * @param idle connections that wait to be lent
 * @param waiting statements that wait for a connection
 * @param limit the most connections that the pool may have, {@code maxSize}
 */
public record PoolNumbers(int inUse, int idle, int waiting, int limit) implements Serializable {

    @Serial
    private static final long serialVersionUID = 1L;

    /** Returns {@code "10 in use, 0 idle, 3 waiting, limit 10"}. */
    @Override
    public String toString() {
        return inUse + " in use, " + idle + " idle, " + waiting + " waiting, limit " + limit;
    }
}
