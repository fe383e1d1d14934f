package io.github.r2dbcrouting.dialect;

import io.r2dbc.spi.Parameter;
import java.lang.reflect.Modifier;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What the driver has accepted for one text: which placeholders take which types, and which of them together are all. It
 * spares the check of what was accepted before. Only values of final classes are remembered, since whatever else a value
 * may turn out to be is the driver's to judge each time. Safe for concurrent use.
 */
public final class KnownBinds {

    /** Statements with more placeholders are checked each time. */
    private static final int MOST_PLACEHOLDERS = Long.SIZE;

    private final Map<Object, Placeholder> placeholders = new ConcurrentHashMap<>();
    private final Set<Long> complete = ConcurrentHashMap.newKeySet();
    private final AtomicInteger next = new AtomicInteger();

    KnownBinds() {}

    private record Placeholder(long bit, Set<Class<?>> types) {}

    /**
     * Returns the bit of a placeholder if the driver has accepted a value of this class for it, else 0.
     *
     * @param identifier its index or its name
     */
    public long bit(Object identifier, Object value) {
        Placeholder known = placeholders.get(identifier);
        return known != null && known.types.contains(value.getClass()) ? known.bit : 0;
    }

    /** Remembers that the driver has accepted a value for a placeholder, and returns its bit, or 0 if it has none. */
    public long accepted(Object identifier, Object value) {
        Class<?> type = value.getClass();
        if (!Modifier.isFinal(type.getModifiers()) || value instanceof Parameter) {
            return 0;
        }
        Placeholder known = placeholders.get(identifier);
        if (known == null) {
            int ordinal = next.getAndIncrement();
            if (ordinal >= MOST_PLACEHOLDERS) {
                return 0;
            }
            Placeholder fresh = new Placeholder(1L << ordinal, ConcurrentHashMap.newKeySet());
            Placeholder earlier = placeholders.putIfAbsent(identifier, fresh);
            known = earlier == null ? fresh : earlier;
        }
        known.types.add(type);
        return known.bit;
    }

    /** Returns whether the driver has executed the text with just these placeholders bound. */
    public boolean isComplete(long bits) {
        return complete.contains(bits);
    }

    /** Remembers that just these placeholders, if each of them has a bit, are all that the text needs. */
    public void completed(long bits) {
        complete.add(bits);
    }
}
