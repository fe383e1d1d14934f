package io.github.r2dbcrouting.connection;

import io.r2dbc.spi.Result;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;

/** Consumes a result that nobody wants, so that the exchange can come to its end. */
final class Draining implements CoreSubscriber<Long> {

    private final Exchange exchange;

    private Draining(Exchange exchange) {
        this.exchange = exchange;
    }

    static void drain(Result result, Exchange exchange) {
        result.getRowsUpdated().subscribe(new Draining(exchange));
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(Long ignored) {}

    @Override
    public void onError(Throwable error) {
        exchange.note(error);
        exchange.partEnded();
    }

    @Override
    public void onComplete() {
        exchange.partEnded();
    }
}
