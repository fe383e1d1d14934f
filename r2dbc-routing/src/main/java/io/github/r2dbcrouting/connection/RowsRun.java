package io.github.r2dbcrouting.connection;

import io.github.r2dbcrouting.error.ReplayConflictException;
import io.github.r2dbcrouting.transaction.SeenResult;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.publisher.Sinks;
import reactor.util.context.Context;

/**
 * One consumption of a result. A cancel is not passed on to the driver: the rest is drained without being shown to the
 * user's functions. An error before the first row, from a node rather than from the statement, moves the consumption to
 * another node.
 */
final class RowsRun<T> implements CoreSubscriber<T>, Subscription {

    private final CoreSubscriber<? super T> actual;
    private final RoutingResult.Consumption<T> consumption;
    private final RoutingResult origin;
    private final Demand demand = new Demand();
    private final AtomicReference<State> state = new AtomicReference<>(State.WANTED);
    private volatile RoutingResult result;
    private volatile Sinks.@Nullable Empty<Void> gone;
    private volatile @Nullable Resumption resumption;
    private boolean delivered;

    RowsRun(CoreSubscriber<? super T> actual, RoutingResult origin, RoutingResult.Consumption<T> consumption) {
        this.actual = actual;
        this.origin = origin;
        this.result = origin;
        this.consumption = consumption;
    }

    private enum State {
        /** The subscriber waits for rows. */
        WANTED,
        /** The subscriber has cancelled; the rest is drained. */
        UNWANTED,
        /** The node failed and another one is being asked. */
        MOVING,
        /** The subscriber has cancelled while another node was being asked. */
        MOVING_UNWANTED,
        ENDED
    }

    void start() {
        SeenResult seen = origin.exchange().seen();
        if (seen != null && !seen.begin()) {
            state.set(State.ENDED);
            actual.onError(new ReplayConflictException(
                    "a result of an optimistic transaction was consumed only after its move to the primary; consume it"
                            + " before the first write",
                    null));
            return;
        }
        consumption.of(origin.filtered(), this).subscribe(this);
    }

    /** Goes on with what another node answered. */
    void resume(RoutingResult elsewhere) {
        result = elsewhere;
        if (!state.compareAndSet(State.MOVING, State.WANTED)) {
            state.set(State.UNWANTED);
            elsewhere.exchange().partUnwanted();
            demand.request(Long.MAX_VALUE);
        }
        consumption.of(origin.filtered(elsewhere), this).subscribe(this);
    }

    /** Gives up: no other node could take over. */
    void fail(Throwable error) {
        if (state.getAndSet(State.ENDED) == State.MOVING) {
            actual.onError(error);
        }
    }

    boolean isUnwanted() {
        State present = state.get();
        return present == State.UNWANTED || present == State.MOVING_UNWANTED;
    }

    /** Stands for a row that is not shown to the user, since drivers refuse a mapping that returns {@code null}. */
    @SuppressWarnings("unchecked")
    T skip() {
        result.exchange().rowDrained();
        return (T) Skipped.ROW;
    }

    Publisher<T> skipSegment() {
        result.exchange().rowDrained();
        return Mono.empty();
    }

    /** Returns what a user's function made of a segment, until nobody wants it any more. */
    Publisher<T> whileWanted(Publisher<? extends T> mapped) {
        result.exchange().firstRow();
        Sinks.Empty<Void> end = gone;
        if (end == null) {
            end = Sinks.empty();
            gone = end;
        }
        if (isUnwanted()) {
            end.tryEmitEmpty();
        }
        return Flux.<T>from(mapped).takeUntilOther(end.asMono());
    }

    @Override
    public Context currentContext() {
        return actual.currentContext();
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        demand.source(subscription);
    }

    @Override
    public void onNext(T value) {
        if (!delivered) {
            delivered = true;
            result.exchange().firstRow();
        }
        if (value == Skipped.ROW) {
            return;
        }
        if (isUnwanted()) {
            Operators.onDiscard(value, currentContext());
        } else {
            actual.onNext(value);
        }
    }

    @Override
    public void onError(Throwable error) {
        Exchange exchange = result.exchange();
        exchange.note(error);
        if (!delivered
                && result.isFirst()
                && exchange.sending().mayRunAgain(exchange, error)
                && state.compareAndSet(State.WANTED, State.MOVING)) {
            exchange.supersede();
            exchange.wantedPartEnded();
            Resumption elsewhere = new Resumption(this);
            resumption = elsewhere;
            exchange.sending().again(exchange, error, elsewhere);
        } else if (end(exchange)) {
            actual.onError(exchange.translate(error));
        }
    }

    @Override
    public void onComplete() {
        Exchange exchange = result.exchange();
        SeenResult seen = exchange.seen();
        if (seen != null && !isUnwanted()) {
            seen.completed();
        }
        if (end(exchange)) {
            Throwable invalid = exchange.acknowledge();
            if (invalid == null) {
                actual.onComplete();
            } else {
                actual.onError(invalid);
            }
        }
    }

    /** Ends the part, and returns whether the subscriber still waits for its last signal. */
    private boolean end(Exchange exchange) {
        State before = state.getAndSet(State.ENDED);
        SeenResult seen = exchange.seen();
        if (seen != null) {
            seen.end();
        }
        if (before == State.WANTED) {
            exchange.wantedPartEnded();
        } else if (before == State.UNWANTED) {
            exchange.partEnded();
        }
        return before == State.WANTED;
    }

    @Override
    public void request(long n) {
        demand.request(n);
    }

    @Override
    public void cancel() {
        if (state.compareAndSet(State.WANTED, State.UNWANTED)) {
            result.exchange().partUnwanted();
            demand.request(Long.MAX_VALUE);
            Sinks.Empty<Void> end = gone;
            if (end != null) {
                end.tryEmitEmpty();
            }
        } else {
            Resumption elsewhere = resumption;
            if (state.compareAndSet(State.MOVING, State.MOVING_UNWANTED) && elsewhere != null) {
                result.exchange().sending().cancel(elsewhere);
            }
        }
    }

    private enum Skipped {
        ROW
    }
}
