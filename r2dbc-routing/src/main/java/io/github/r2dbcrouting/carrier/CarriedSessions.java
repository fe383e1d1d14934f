package io.github.r2dbcrouting.carrier;

import io.github.r2dbcrouting.consistency.ConsistencySession;
import io.github.r2dbcrouting.session.SessionTokens;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * Runs work in sessions that come from somewhere and go on elsewhere. A carrier that fails or does not answer never breaks the work:
 * its session reads on the primary for the grace, and a counter says so. Safe for concurrent use.
 */
public final class CarriedSessions {

    private static final Logger logger = LoggerFactory.getLogger(CarriedSessions.class);

    /** For carriers that set themselves no limit. */
    private static final Duration LIMIT = Duration.ofSeconds(1);

    private final SessionTokens tokens;
    private final Duration limit;
    private final LongAdder opened = new LongAdder();
    private final LongAdder unreachable = new LongAdder();
    private final LongAdder saved = new LongAdder();
    private final LongAdder unsaved = new LongAdder();

    /**
     * Creates it.
     *
     * @param tokens those of the factory that the work uses
     */
    public CarriedSessions(SessionTokens tokens) {
        this(tokens, LIMIT);
    }

    CarriedSessions(SessionTokens tokens, Duration limit) {
        this.tokens = tokens;
        this.limit = limit;
    }

    /**
     * Returns a cold {@link Mono} of the session that a carrier has, or of a new one. It never fails and takes a second at most;
     * cancelling gives it up.
     */
    public Mono<ConsistencySession> open(TokenCarrier carrier) {
        return Mono.defer(carrier::load)
                .timeout(limit, tokens.timers())
                .map(tokens::accept)
                .switchIfEmpty(Mono.fromSupplier(() -> tokens.accept(null)))
                .onErrorResume(error -> {
                    unreachable.increment();
                    logger.debug("a carrier of session tokens failed; the session reads on the primary", error);
                    return Mono.fromSupplier(tokens::unknownPast);
                })
                .doOnNext(session -> opened.increment());
    }

    /**
     * Returns a cold {@link Mono} that hands a carrier what a session has seen and written by now. It completes when that is done, or
     * has failed, which it does not do itself; it takes a second at most, besides the time for making a token.
     */
    public Mono<Void> save(ConsistencySession session, TokenCarrier carrier) {
        return tokens.export(session)
                .flatMap(token -> Mono.defer(() -> carrier.store(token))
                        .timeout(limit, tokens.timers())
                        .doOnSuccess(done -> saved.increment()))
                .onErrorResume(error -> {
                    unsaved.increment();
                    logger.debug("a carrier did not take a session token", error);
                    return Mono.empty();
                });
    }

    /**
     * Returns a cold {@link Mono} that runs work in the session of a carrier, and hands that back before it emits the result or the
     * error of the work. When it is cancelled, the session is handed back too, by nobody waited for.
     */
    public <T> Mono<T> within(TokenCarrier carrier, Mono<T> work) {
        return Mono.usingWhen(
                open(carrier),
                session -> work.contextWrite(context -> context.put(ConsistencySession.CONTEXT_KEY, session)),
                session -> save(session, carrier));
    }

    /** Returns how many sessions were carried so far. */
    public CarriedCounts counts() {
        return new CarriedCounts(opened.sum(), unreachable.sum(), saved.sum(), unsaved.sum());
    }
}
