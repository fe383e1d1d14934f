package io.github.r2dbcrouting.dialect;

import io.github.r2dbcrouting.credentials.Secret;
import io.github.r2dbcrouting.credentials.SecretSource;
import io.github.r2dbcrouting.error.SecretUnavailableException;
import io.github.r2dbcrouting.topology.NodeId;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.R2dbcException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * How one user gets into one node. It remembers the secret that the node accepted last, and goes back to it while the node
 * refuses a newer one, as a replica does that has not replayed the change yet, and while there is no newer one to be had.
 * Only a newer one that was accepted makes an end of what was opened with the earlier one.
 */
final class NodeLogin {

    private static final Logger logger = LoggerFactory.getLogger(NodeLogin.class);

    /**
     * The new one, the earlier one, and the new one again, if the node has learned of it in between; two more for an opening so
     * slow that the source and the node change once more meanwhile.
     */
    private static final int MOST_ATTEMPTS = 5;

    private final NodeId node;
    private final SecretSource source;
    private final Duration patience;
    private final Scheduler scheduler;
    private final Scheduler blocking;
    private final AtomicLong asked = new AtomicLong();
    private final AtomicReference<@Nullable Accepted> accepted = new AtomicReference<>();
    private volatile Runnable renewed = () -> {};
    private volatile boolean troubled;

    /**
     * Creates the login of one user to one node.
     *
     * @param patience how long the source may take
     * @param scheduler times it
     * @param blocking runs it, since it is the user's and may block
     */
    NodeLogin(NodeId node, SecretSource source, Duration patience, Scheduler scheduler, Scheduler blocking) {
        this.node = node;
        this.source = source;
        this.patience = patience;
        this.scheduler = scheduler;
        this.blocking = blocking;
    }

    /** A secret that let somebody in, and when it was asked for: of two the one asked for later is the newer one. */
    private record Accepted(long number, Secret secret) {}

    /** Sets what is run when what was opened with an earlier secret is to make way. */
    void whenRenewed(Runnable task) {
        renewed = task;
    }

    /**
     * Returns a cold {@link Mono} of a connection.
     *
     * @param opening opens one with a secret
     */
    Mono<Connection> open(Function<Secret, Mono<Connection>> opening) {
        if (source.isFixed()) {
            return opening.apply(source.known());
        }
        return Mono.defer(() -> attempt(opening, null, null, MOST_ATTEMPTS));
    }

    /**
     * Opens with the secret of the moment, or with the accepted one if that was just refused. Either may change between two
     * attempts: its source gives another one, or the node learns of it.
     */
    private Mono<Connection> attempt(
            Function<Secret, Mono<Connection>> opening,
            @Nullable Secret refused,
            @Nullable Throwable refusal,
            int left) {
        long number = asked.incrementAndGet();
        return ask().flatMap(given -> {
            Secret next = refused == null || given.replaces(refused) ? given : otherThan(refused);
            if (next == null || left == 0) {
                return refusal == null ? Mono.empty() : Mono.error(refusal);
            }
            Throwable first = refusal;
            return opening.apply(next)
                    .doOnNext(opened -> {
                        if (next == given) {
                            accept(number, next);
                        }
                    })
                    .onErrorResume(
                            NodeLogin::isRefusal,
                            error -> attempt(opening, next, first == null ? error : first, left - 1));
        });
    }

    private @Nullable Secret otherThan(Secret refused) {
        Accepted last = accepted.get();
        return last != null && refused.replaces(last.secret) ? last.secret : null;
    }

    /** Returns a cold {@link Mono} that asks the source, and tells whether it gives another secret than before. */
    Mono<Boolean> hasChanged() {
        return Mono.defer(() -> {
            Accepted last = accepted.get();
            return last == null
                    ? Mono.just(false)
                    : patiently(source.nextLasting())
                            .map(secret -> secret.replaces(last.secret))
                            .defaultIfEmpty(false);
        });
    }

    private Mono<Secret> ask() {
        return patiently(source.next()).doOnNext(given -> troubled = false).onErrorResume(error -> {
            Accepted last = accepted.get();
            if (last == null || !last.secret.lasting()) {
                return Mono.error(unavailable(error));
            }
            if (!troubled) {
                troubled = true;
                logger.warn(
                        "node {}: the supplier of its password or TLS material gave none; going on with the last"
                                + " one that the node accepted",
                        node,
                        error);
            }
            return Mono.just(last.secret);
        });
    }

    /** One that blocks when its time is over is interrupted; what it says to that is no news. */
    private Mono<Secret> patiently(Mono<Secret> asking) {
        return asking.subscribeOn(blocking).timeout(patience, scheduler).contextWrite(DriverCalls::expectingLateErrors);
    }

    private SecretUnavailableException unavailable(Throwable error) {
        return new SecretUnavailableException(node, patience, error);
    }

    private void accept(long number, Secret secret) {
        Accepted next = new Accepted(number, secret);
        Accepted earlier =
                accepted.getAndUpdate(present -> present == null || present.number < number ? next : present);
        if (earlier != null && earlier.number < number && secret.replaces(earlier.secret)) {
            logger.info("node {}: accepts a new password or TLS material; opening its connections anew", node);
            renewed.run();
        }
    }

    /** The node was reached and refused the login: class 28, invalid authorization. */
    static boolean isRefusal(Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof R2dbcException answered
                    && answered.getSqlState() != null
                    && answered.getSqlState().startsWith("28")) {
                return true;
            }
        }
        return false;
    }
}
