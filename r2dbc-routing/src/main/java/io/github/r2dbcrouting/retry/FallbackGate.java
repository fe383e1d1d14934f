package io.github.r2dbcrouting.retry;

import io.github.r2dbcrouting.error.FallbackRefusedException;
import io.github.r2dbcrouting.settings.RetrySettings.Fallback;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Lets so many reads at a time onto the primary that no replica can serve, and so many wait, in the order in which they came: when
 * the replicas are gone, the primary keeps connections for what only it can do. Safe for concurrent use, without a lock.
 */
public final class FallbackGate {

    private final Fallback settings;
    private final Scheduler timers;
    private final Queue<Waiter> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private final AtomicInteger work = new AtomicInteger();
    private final LongAdder admitted = new LongAdder();
    private final LongAdder refused = new LongAdder();

    /**
     * Creates a gate.
     *
     * @param timers times those who wait, and calls them back
     */
    public FallbackGate(Fallback settings, Scheduler timers) {
        this.settings = settings;
        this.timers = timers;
    }

    /**
     * Returns a cold {@link Mono} of a permit, at once or when it is its turn, which must be ended once; or of a
     * {@link FallbackRefusedException}. Cancelling gives up the wait.
     */
    public Mono<FallbackPermit> enter() {
        return enter(settings.timeout());
    }

    /**
     * Returns the same for a read that waits longer, or not as long, as others do.
     *
     * @param limit after which it is refused
     */
    public Mono<FallbackPermit> enter(Duration limit) {
        return new Mono<>() {
            @Override
            public void subscribe(CoreSubscriber<? super FallbackPermit> actual) {
                Waiter waiter = new Waiter(actual, limit);
                actual.onSubscribe(waiter);
                waiter.enter();
            }
        };
    }

    /** Returns what was counted so far. */
    public FallbackReads counts() {
        return new FallbackReads(
                running.get(), waiting.get(), most.get(), settings.limit(), admitted.sum(), refused.sum());
    }

    void ended() {
        running.decrementAndGet();
        admitWaiting();
    }

    private boolean tryRun() {
        int present = running.get();
        while (present < settings.limit()) {
            if (running.compareAndSet(present, present + 1)) {
                most.accumulateAndGet(present + 1, Math::max);
                return true;
            }
            present = running.get();
        }
        return false;
    }

    /** One thread at a time serves the queue, and looks again if anything has changed meanwhile. */
    private void admitWaiting() {
        if (work.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        do {
            while (!queue.isEmpty() && tryRun()) {
                Waiter next = queue.poll();
                while (next != null && !next.leave(Step.CALLED)) {
                    next = queue.poll();
                }
                if (next == null) {
                    running.decrementAndGet();
                } else {
                    next.call();
                }
            }
            seen = work.addAndGet(-seen);
        } while (seen != 0);
    }

    private FallbackRefusedException refusal(Duration waited) {
        refused.increment();
        return new FallbackRefusedException(running.get(), settings.limit(), waiting.get(), settings.queue(), waited);
    }

    private enum Step {
        NEW,
        WAITING,
        /** It is its turn, and it will be told so by another thread. */
        CALLED,
        OVER
    }

    /** One who asks for a permit. */
    private final class Waiter implements Subscription {

        private final CoreSubscriber<? super FallbackPermit> actual;
        private final Duration limit;
        private final AtomicReference<Step> step = new AtomicReference<>(Step.NEW);
        private final Disposable.Swap timer = Disposables.swap();

        Waiter(CoreSubscriber<? super FallbackPermit> actual, Duration limit) {
            this.actual = actual;
            this.limit = limit;
        }

        void enter() {
            if (waiting.get() == 0 && tryRun()) {
                admitAtOnce();
            } else if (waiting.incrementAndGet() > settings.queue()) {
                waiting.decrementAndGet();
                // Who was in its way may have been refused just so.
                if (waiting.get() == 0 && tryRun()) {
                    admitAtOnce();
                } else if (step.compareAndSet(Step.NEW, Step.OVER)) {
                    actual.onError(refusal(Duration.ZERO));
                }
            } else if (step.compareAndSet(Step.NEW, Step.WAITING)) {
                queue.add(this);
                try {
                    timer.update(timers.schedule(this::expire, limit.toNanos(), TimeUnit.NANOSECONDS));
                } catch (RejectedExecutionException closed) {
                    expire();
                }
                admitWaiting();
            } else {
                waiting.decrementAndGet();
            }
        }

        private void admitAtOnce() {
            if (step.compareAndSet(Step.NEW, Step.OVER)) {
                admit(false);
            } else {
                ended();
            }
        }

        /** Ends the wait; returns whether it had not ended before. */
        boolean leave(Step next) {
            boolean left = step.compareAndSet(Step.WAITING, next);
            if (left) {
                waiting.decrementAndGet();
                timer.dispose();
            }
            return left;
        }

        /** By another thread, since it is in the middle of giving back somebody else's connection here. */
        void call() {
            try {
                timers.schedule(this::called);
            } catch (RejectedExecutionException closed) {
                called();
            }
        }

        private void called() {
            if (step.compareAndSet(Step.CALLED, Step.OVER)) {
                admit(true);
            }
        }

        private void admit(boolean late) {
            admitted.increment();
            actual.onNext(new FallbackPermit(FallbackGate.this, late));
            actual.onComplete();
        }

        private void expire() {
            if (leave(Step.OVER)) {
                queue.remove(this);
                actual.onError(refusal(limit));
            }
        }

        @Override
        public void request(long n) {
            // One permit was asked for with the subscription.
        }

        @Override
        public void cancel() {
            if (leave(Step.OVER)) {
                queue.remove(this);
            } else if (step.getAndSet(Step.OVER) == Step.CALLED) {
                ended();
            }
        }
    }
}
