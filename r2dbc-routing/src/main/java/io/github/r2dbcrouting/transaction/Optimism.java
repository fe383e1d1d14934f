package io.github.r2dbcrouting.transaction;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.r2dbcrouting.settings.OptimisticSettings;
import io.r2dbc.spi.Option;
import io.r2dbc.spi.TransactionDefinition;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;
import reactor.util.context.ContextView;

/**
 * Which transactions of a factory are optimistic, and for what they are not. A text that gave something else when it was
 * repeated is for the primary for a while: so a caller who runs the transaction again gets further each time, even with a
 * text that never gives the same twice. Safe for concurrent use.
 */
public final class Optimism {

    /** The key under which a chain's wish travels in the Reactor Context, a {@link Boolean}. */
    public static final Object CONTEXT_KEY = Optimism.class;

    /** The attribute with which a definition says whether its transaction is optimistic. */
    public static final Option<Boolean> ATTRIBUTE = Option.valueOf("optimistic");

    private static final Duration MEMORY = Duration.ofMinutes(1);
    private static final int MOST_TEXTS = 1_000;

    private final OptimisticSettings settings;
    private final Scheduler timers;
    private final Cache<String, Boolean> unstable;

    /**
     * Creates the optimism of a factory.
     *
     * @param timers times transactions, and tells the time
     */
    public Optimism(OptimisticSettings settings, Scheduler timers) {
        this.settings = settings;
        this.timers = timers;
        this.unstable = Caffeine.newBuilder()
                .maximumSize(MOST_TEXTS)
                .expireAfterWrite(MEMORY)
                .ticker(this::now)
                .executor(Runnable::run)
                .build();
    }

    /** Returns whether a transaction is to be optimistic: as its definition says, else its chain, else the settings. */
    public boolean isFor(@Nullable TransactionDefinition definition, ContextView context) {
        Boolean defined = definition == null ? null : definition.getAttribute(ATTRIBUTE);
        Boolean wished = defined != null ? defined : context.getOrDefault(CONTEXT_KEY, null);
        return wished == null ? settings.enabled() : wished;
    }

    /** Returns the empty log of a transaction that begins now. */
    public ReadLog begin() {
        return new ReadLog(this);
    }

    OptimisticSettings settings() {
        return settings;
    }

    Scheduler timers() {
        return timers;
    }

    long now() {
        return timers.now(TimeUnit.NANOSECONDS);
    }

    boolean isStable(String sql) {
        return unstable.getIfPresent(sql) == null;
    }

    void learnUnstable(String sql) {
        unstable.put(sql, true);
    }
}
