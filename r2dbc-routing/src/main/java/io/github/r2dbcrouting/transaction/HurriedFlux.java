package io.github.r2dbcrouting.transaction;

import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Operators;
import reactor.util.concurrent.Queues;
import reactor.util.context.Context;

/** Passes on what is requested, until it must come to its end: then it takes all there is, and keeps it for its consumer. */
public final class HurriedFlux<T> extends Flux<T> {

    private final Flux<T> source;
    private final SeenResult seen;

    public HurriedFlux(Flux<T> source, SeenResult seen) {
        this.source = source;
        this.seen = seen;
    }

    @Override
    public void subscribe(CoreSubscriber<? super T> actual) {
        source.subscribe(new Hurried<>(actual, seen));
    }

    private static final class Hurried<T> implements CoreSubscriber<T>, Subscription {

        private final CoreSubscriber<? super T> actual;
        private final SeenResult seen;
        private final Queue<T> kept = Queues.<T>unbounded().get();
        private final AtomicLong requested = new AtomicLong();
        private final AtomicInteger work = new AtomicInteger();
        private @Nullable Subscription upstream;
        private volatile boolean cancelled;
        private volatile boolean done;
        private @Nullable Throwable error;

        Hurried(CoreSubscriber<? super T> actual, SeenResult seen) {
            this.actual = actual;
            this.seen = seen;
        }

        @Override
        public Context currentContext() {
            return actual.currentContext();
        }

        @Override
        public void onSubscribe(Subscription subscription) {
            upstream = subscription;
            actual.onSubscribe(this);
            seen.onHurry(() -> subscription.request(Long.MAX_VALUE));
        }

        @Override
        public void onNext(T value) {
            kept.add(value);
            drain();
        }

        @Override
        public void onError(Throwable failure) {
            error = failure;
            done = true;
            drain();
        }

        @Override
        public void onComplete() {
            done = true;
            drain();
        }

        @Override
        public void request(long n) {
            if (Operators.validate(n)) {
                requested.accumulateAndGet(n, Operators::addCap);
                Subscription present = upstream;
                if (present != null) {
                    present.request(n);
                }
                drain();
            }
        }

        @Override
        public void cancel() {
            cancelled = true;
            Subscription present = upstream;
            if (present != null) {
                present.cancel();
            }
            drain();
        }

        private void drain() {
            if (work.getAndIncrement() != 0) {
                return;
            }
            do {
                step();
            } while (work.decrementAndGet() != 0);
        }

        private void step() {
            while (!cancelled && requested.get() > 0) {
                T next = kept.poll();
                if (next == null) {
                    break;
                }
                if (requested.get() != Long.MAX_VALUE) {
                    requested.decrementAndGet();
                }
                actual.onNext(next);
            }
            if (cancelled) {
                for (T next = kept.poll(); next != null; next = kept.poll()) {
                    Operators.onDiscard(next, currentContext());
                }
            } else if (done && kept.isEmpty()) {
                cancelled = true;
                Throwable failure = error;
                if (failure == null) {
                    actual.onComplete();
                } else {
                    actual.onError(failure);
                }
            }
        }
    }
}
