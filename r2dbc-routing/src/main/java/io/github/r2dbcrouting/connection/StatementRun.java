package io.github.r2dbcrouting.connection;

import io.github.r2dbcrouting.sql.StatementProfile;
import io.github.r2dbcrouting.virtual.Recipe;
import io.github.r2dbcrouting.virtual.VirtualSession;
import io.r2dbc.spi.Result;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.util.context.Context;

/** One subscription to a statement's results. */
final class StatementRun implements ExchangeOwner, Subscription {

    private final CoreSubscriber<? super Result> actual;
    private final Sending sending;
    private final Demand demand = new Demand();
    private final AtomicBoolean gone = new AtomicBoolean();
    private volatile @Nullable Exchange exchange;

    StatementRun(
            CoreSubscriber<? super Result> actual, VirtualSession session, Recipe recipe, StatementProfile profile) {
        this.actual = actual;
        this.sending = new Sending(session, recipe, profile, actual.currentContext());
    }

    void start() {
        sending.send(this);
    }

    @Override
    public Context context() {
        return actual.currentContext();
    }

    @Override
    public boolean isGone() {
        return gone.get();
    }

    @Override
    public void onExchange(Exchange sent) {
        exchange = sent;
        if (gone.get()) {
            sent.sequenceUnwanted();
        }
    }

    @Override
    public void onUnsent(Throwable error) {
        if (gone.compareAndSet(false, true)) {
            actual.onError(error);
        }
    }

    @Override
    public void onNothingToSend() {
        if (gone.compareAndSet(false, true)) {
            actual.onComplete();
        }
    }

    @Override
    public void onSource(Subscription subscription) {
        demand.source(subscription);
    }

    @Override
    public void onResult(RoutingResult result) {
        actual.onNext(result);
    }

    @Override
    public void onFailure(Exchange failed, Throwable error) {
        if (!gone.get() && !failed.hasResults() && sending.mayRunAgain(failed, error)) {
            sending.again(failed, error, this);
        } else if (gone.compareAndSet(false, true)) {
            actual.onError(failed.translate(error));
        }
    }

    @Override
    public void onEnd(Exchange ended) {
        sending.ended();
        if (gone.compareAndSet(false, true)) {
            actual.onComplete();
        }
    }

    @Override
    public void request(long n) {
        demand.request(n);
    }

    @Override
    public void cancel() {
        if (gone.compareAndSet(false, true)) {
            sending.cancel(this);
            Exchange present = exchange;
            if (present != null) {
                present.sequenceUnwanted();
            }
        }
    }
}
