package io.github.r2dbcrouting.carrier;

import io.github.r2dbcrouting.dialect.BackgroundTasks;
import io.github.r2dbcrouting.session.SessionTokens;
import java.time.Duration;
import java.util.Collections;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiFunction;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/** Tokens that a store did not take: remembered, and stored again one after the other when it answers. Bounded in number and age. */
final class OwedTokens implements Disposable {

    private static final int MOST = 10_000;
    private static final Duration PAUSE = Duration.ofMillis(100);

    private final SessionTokens tokens;
    private final BiFunction<String, String, Mono<Void>> store;
    private final Map<String, Owed> owed = new ConcurrentHashMap<>();
    private final AtomicBoolean paying = new AtomicBoolean();
    private final BackgroundTasks background = new BackgroundTasks();
    private final LongAdder lost = new LongAdder();

    /** The rest of a round: whoever pays goes on with it, so that one that is never taken does not hold up the others. */
    private Iterator<String> round = Collections.emptyIterator();

    /** Since when none was given up that the grace still covers; before the first one, long ago. */
    private volatile long doubtedUntil;

    OwedTokens(SessionTokens tokens, BiFunction<String, String, Mono<Void>> store) {
        this.tokens = tokens;
        this.store = store;
        this.doubtedUntil = now();
    }

    void add(String id, String token) {
        if (owed.size() >= MOST && !owed.containsKey(id)) {
            giveUp();
            return;
        }
        owed.merge(id, new Owed(token, now()), (one, other) -> new Owed(tokens.merge(one.token, token), other.since));
        pay();
    }

    private void giveUp() {
        lost.increment();
        doubtedUntil = now() + tokens.grace().toNanos();
    }

    /** Returns what a token and the one that is owed make together; with a doubt while one may have been given up. */
    String mergedInto(String token, String id) {
        Owed more = owed.get(id);
        String merged = more == null ? token : tokens.merge(token, more.token);
        return doubtedUntil - now() > 0 ? tokens.unresolved(merged) : merged;
    }

    private void pay() {
        if (paying.compareAndSet(false, true)) {
            background.run(
                    "storing session tokens again",
                    Mono.defer(this::payNext)
                            .onErrorResume(
                                    error -> Mono.delay(PAUSE, tokens.timers()).then())
                            .repeat(() -> !owed.isEmpty())
                            .then()
                            .doFinally(signal -> {
                                paying.set(false);
                                if (!owed.isEmpty() && !background.isDisposed()) {
                                    pay();
                                }
                            }));
        }
    }

    private Mono<Void> payNext() {
        if (!round.hasNext()) {
            round = owed.keySet().iterator();
        }
        String id = round.hasNext() ? round.next() : null;
        Owed debt = id == null ? null : owed.get(id);
        if (id == null || debt == null) {
            return Mono.empty();
        }
        if (now() - debt.since > tokens.lifetime().toNanos()) {
            owed.remove(id, debt);
            lost.increment();
            return Mono.empty();
        }
        return store.apply(id, debt.token).doOnSuccess(done -> owed.remove(id, debt));
    }

    long size() {
        return owed.size();
    }

    long lost() {
        return lost.sum();
    }

    private long now() {
        return tokens.timers().now(TimeUnit.NANOSECONDS);
    }

    @Override
    public void dispose() {
        background.dispose();
        owed.clear();
    }

    @Override
    public boolean isDisposed() {
        return background.isDisposed();
    }

    private record Owed(String token, long since) {}
}
