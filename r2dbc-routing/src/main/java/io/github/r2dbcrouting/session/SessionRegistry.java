package io.github.r2dbcrouting.session;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import io.github.r2dbcrouting.consistency.ConsistencySession;
import io.github.r2dbcrouting.settings.SessionSettings;
import io.github.r2dbcrouting.switches.Lots;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.util.context.Context;

/**
 * The sessions of a process by a key of the user's choice, such as the name of whoever is logged in. Bounded in number, and a session
 * that nobody used for some time is forgotten. What one key wrote, it sees again in this process; for other processes there are
 * {@linkplain SessionTokens tokens}.
 *
 * <p>A session that is forgotten does not become less consistent in silence. While work of a session goes on, it is kept, whatever the
 * number. When it is forgotten, everything that it saw or wrote happened before its last use; a grace after that, each replica that
 * serves reads has it. So a key without a session that comes before that moment reads on the primary until then. Of keys whose session
 * was forgotten so early only the hash is remembered, so that now and then a new key does the same.
 *
 * <p>Safe for concurrent use.
 */
public final class SessionRegistry {

    /** Longer keys are kept by their digest: they may come from outside. */
    private static final int LONGEST_KEY = 64;

    private static final int SLOTS = 1 << 10;

    private final long grace;
    private final Scheduler timers;
    private final LongSupplier extraLag;
    private final Map<String, Used> used = new ConcurrentHashMap<>();
    private final Cache<String, Idle> idle;

    /** Until when keys of a hash read on the primary; 0 for not at all. */
    private final AtomicLongArray doubtedUntil = new AtomicLongArray(SLOTS);

    private final LongAdder begun = new LongAdder();
    private final LongAdder doubted = new LongAdder();
    private final LongAdder evicted = new LongAdder();
    private final LongAdder evictedEarly = new LongAdder();
    private final LongAdder expired = new LongAdder();

    /**
     * Creates the registry of a factory.
     *
     * @param timers the clock that samples are timed with
     * @param extraLag by how much more than is configured replicas may be behind at this moment, in nanoseconds
     */
    public SessionRegistry(SessionSettings settings, Scheduler timers, LongSupplier extraLag) {
        this.grace = settings.grace().toNanos();
        this.timers = timers;
        this.extraLag = extraLag;
        this.idle = Caffeine.newBuilder()
                .maximumSize(settings.most())
                .expireAfterWrite(settings.timeout())
                .ticker(this::now)
                // Told before the key can be asked for again.
                .evictionListener(this::forgotten)
                .executor(Runnable::run)
                .build();
    }

    /**
     * Returns the same {@link Mono} as part of the session of a key: its reads see what the session wrote and read before. The session
     * is kept while it runs.
     *
     * @param key tells the sessions apart
     */
    public <T> Mono<T> within(String key, Mono<T> work) {
        return Mono.using(() -> take(key), use -> work.contextWrite(use::in), this::giveBack);
    }

    /** Returns the same {@link Flux} as part of the session of a key, as {@link #within(String, Mono)} does. */
    public <T> Flux<T> within(String key, Flux<T> work) {
        return Flux.using(() -> take(key), use -> work.contextWrite(use::in), this::giveBack);
    }

    private Used take(String text) {
        String key = text.length() <= LONGEST_KEY ? text : LongKey.digest(text);
        return used.compute(
                key, (unused, present) -> present == null ? new Used(key, session(key), 1) : present.more());
    }

    private ConsistencySession session(String key) {
        Idle kept = idle.asMap().remove(key);
        if (kept != null) {
            return kept.session();
        }
        begun.increment();
        ConsistencySession session = ConsistencySession.create();
        // The same wherever and whenever the key comes.
        session.lot(() -> Lots.of(key));
        int slot = slot(key);
        long until = doubtedUntil.get(slot);
        if (until == 0) {
            return session;
        }
        if (until - graceTime() > 0) {
            doubted.increment();
            session.distrustReplicasUntil(until);
        } else {
            // All replicas have it now: it does not matter any more how far they will be behind.
            doubtedUntil.compareAndSet(slot, until, 0);
        }
        return session;
    }

    private void giveBack(Used use) {
        used.computeIfPresent(use.key(), (key, present) -> {
            if (present.users() > 1) {
                return present.less();
            }
            idle.put(key, new Idle(present.session(), now()));
            return null;
        });
    }

    private void forgotten(@Nullable String key, @Nullable Idle kept, RemovalCause cause) {
        (cause == RemovalCause.EXPIRED ? expired : evicted).increment();
        if (key == null || kept == null || kept.hasSeenNothing(now())) {
            return;
        }
        long until = kept.since() + grace;
        if (until - graceTime() > 0) {
            evictedEarly.increment();
            doubtedUntil.accumulateAndGet(
                    slot(key), until == 0 ? 1 : until, (one, other) -> one == 0 || other - one > 0 ? other : one);
        }
    }

    private static int slot(String key) {
        int hash = key.hashCode();
        return (hash ^ hash >>> 16) & SLOTS - 1;
    }

    /** Returns how many sessions there are and were. */
    public SessionCounts counts() {
        idle.cleanUp();
        return new SessionCounts(
                used.size(),
                idle.estimatedSize(),
                begun.sum(),
                doubted.sum(),
                evicted.sum(),
                evictedEarly.sum(),
                expired.sum());
    }

    private long graceTime() {
        return now() - extraLag.getAsLong();
    }

    private long now() {
        return timers.now(TimeUnit.NANOSECONDS);
    }

    /** A session at work, for so many users. */
    private record Used(String key, ConsistencySession session, int users) {

        Used more() {
            return new Used(key, session, users + 1);
        }

        Used less() {
            return new Used(key, session, users - 1);
        }

        Context in(Context context) {
            return context.put(ConsistencySession.CONTEXT_KEY, session);
        }
    }

    /** A session that nobody uses since a moment. */
    private record Idle(ConsistencySession session, long since) {

        boolean hasSeenNothing(long now) {
            return session.bound().isNone() && !session.isUnresolved() && session.distrustsReplicasFor(now) == 0;
        }
    }
}
