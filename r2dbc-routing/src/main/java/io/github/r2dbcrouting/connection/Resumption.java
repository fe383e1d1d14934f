package io.github.r2dbcrouting.connection;

import org.reactivestreams.Subscription;
import reactor.util.context.Context;

/** Takes what another node answers to a read, for a consumer of rows whose first node failed before the first row. */
final class Resumption implements ExchangeOwner {

    private final RowsRun<?> rows;

    Resumption(RowsRun<?> rows) {
        this.rows = rows;
    }

    @Override
    public Context context() {
        return rows.currentContext();
    }

    @Override
    public boolean isGone() {
        return rows.isUnwanted();
    }

    @Override
    public void onExchange(Exchange exchange) {
        // The consumer's own cancel reaches the exchange through the result.
    }

    @Override
    public void onUnsent(Throwable error) {
        rows.fail(error);
    }

    @Override
    public void onNothingToSend() {
        throw new IllegalStateException("a read is always sent");
    }

    /** A read has one result; any further one would be drained. */
    @Override
    public void onSource(Subscription subscription) {
        subscription.request(1);
    }

    @Override
    public void onResult(RoutingResult result) {
        result.exchange().sequenceUnwanted();
        rows.resume(result);
    }

    @Override
    public void onFailure(Exchange exchange, Throwable error) {
        if (exchange.hasResults()) {
            // The result itself reports it.
            return;
        }
        if (exchange.sending().mayRunAgain(exchange, error)) {
            exchange.sending().again(exchange, error, this);
        } else {
            rows.fail(exchange.translate(error));
        }
    }

    @Override
    public void onEnd(Exchange exchange) {
        if (!exchange.hasResults()) {
            rows.fail(new IllegalStateException("the statement gave a result on one node and none on another"));
        }
    }
}
