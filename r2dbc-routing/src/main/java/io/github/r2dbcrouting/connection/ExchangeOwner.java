package io.github.r2dbcrouting.connection;

import org.reactivestreams.Subscription;
import reactor.util.context.Context;

/** Who takes the driver's sequence of results. */
interface ExchangeOwner {

    Context context();

    /** Returns whether nobody waits for results any more, so that nothing need be sent. */
    boolean isGone();

    /** An exchange is about to be sent for this owner. */
    void onExchange(Exchange exchange);

    /** No connection could be had. */
    void onUnsent(Throwable error);

    /** There is nothing that a server would have to do. */
    void onNothingToSend();

    void onSource(Subscription subscription);

    void onResult(RoutingResult result);

    void onFailure(Exchange exchange, Throwable error);

    void onEnd(Exchange exchange);
}
