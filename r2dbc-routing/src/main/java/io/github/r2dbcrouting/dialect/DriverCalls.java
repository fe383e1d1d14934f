package io.github.r2dbcrouting.dialect;

import io.github.r2dbcrouting.error.ExchangeTimeoutException;
import io.github.r2dbcrouting.error.NodeUnreachableException;
import io.github.r2dbcrouting.topology.NodeId;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.R2dbcException;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.reactivestreams.Publisher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Exceptions;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.util.context.Context;

/**
 * The one way in which a driver is called, for one node. A call is made only when it is subscribed to and its publisher
 * is subscribed to once, since not every driver's publishers are cold; errors that are not R2DBC's are wrapped; and the
 * library's own exchanges have a deadline, since no driver's timeout fires on a frozen server.
 */
public final class DriverCalls {

    private static final Logger logger = LoggerFactory.getLogger(DriverCalls.class);

    /** Reactor's key for what becomes of an error that comes after its subscriber has gone. */
    private static final Object ON_ERROR_DROPPED = "reactor.onErrorDropped.local";

    /** Whoever cancelled or timed out has had an answer; that the connection then breaks is to be expected. */
    private static final Consumer<Throwable> LATE_ERRORS =
            error -> logger.debug("an exchange failed after its end", error);

    private final DatabaseDialect dialect;
    private final NodeId node;
    private final Duration exchangeTimeout;
    private final Scheduler scheduler;

    public DriverCalls(DatabaseDialect dialect, NodeId node, Duration exchangeTimeout, Scheduler scheduler) {
        this.dialect = dialect;
        this.node = node;
        this.exchangeTimeout = exchangeTimeout;
        this.scheduler = scheduler;
    }

    /**
     * Makes an exchange of the library's own, bounded by the exchange timeout.
     *
     * @param what names the exchange in the error, such as {@code "begin"}
     */
    <T> Mono<T> bounded(String what, Supplier<? extends Publisher<? extends T>> call) {
        return this.<T>unbounded(call)
                .timeout(exchangeTimeout, scheduler)
                .onErrorMap(TimeoutException.class, e -> timedOut(what));
    }

    /** Makes an exchange that may rightly take as long as the server needs, such as a commit. */
    <T> Mono<T> unbounded(Supplier<? extends Publisher<? extends T>> call) {
        return Mono.<T>defer(() -> Mono.from(call.get()))
                .onErrorMap(this::translate)
                .contextWrite(DriverCalls::expectingLateErrors);
    }

    /** Logs what fails after its subscriber has gone as what it is, expected, rather than as an error. */
    static Context expectingLateErrors(Context context) {
        return context.put(ON_ERROR_DROPPED, LATE_ERRORS);
    }

    /** Returns an R2DBC exception for any error: the driver's own as it is, anything else wrapped. */
    public Throwable translate(Throwable signalled) {
        Throwable error = Exceptions.unwrap(signalled);
        if (error instanceof R2dbcException || kindOf(error) == ErrorKind.USER) {
            return error;
        }
        return new NodeUnreachableException(
                "node " + node + ": the connection failed: " + describe(error) + "; see the cause", error);
    }

    /** Returns what an error says, the library's own included. */
    public ErrorKind kindOf(Throwable error) {
        return dialect.kindOf(error);
    }

    public NodeId node() {
        return node;
    }

    public DatabaseDialect dialect() {
        return dialect;
    }

    /**
     * Opens a connection, bounded by the exchange timeout.
     *
     * @param attempt what makes it ready for its taker, the driver's own opening included; runs to its end even if the
     *     taker has gone
     * @param late closes a connection whose taker has gone
     */
    Mono<Connection> opening(Supplier<Mono<Connection>> attempt, Consumer<Connection> late) {
        return new OpeningMono(attempt, exchangeTimeout, scheduler, () -> timedOut("connecting"), late);
    }

    private ExchangeTimeoutException timedOut(String what) {
        return new ExchangeTimeoutException("node " + node + ": no answer to " + what + " within "
                + exchangeTimeout.toMillis() + " ms; the node may be frozen or cut off");
    }

    private static String describe(Throwable error) {
        String message = error.getMessage();
        return message == null ? error.getClass().getSimpleName() : message;
    }
}
