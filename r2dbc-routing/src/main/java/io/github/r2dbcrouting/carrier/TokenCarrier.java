package io.github.r2dbcrouting.carrier;

import reactor.core.publisher.Mono;

/**
 * The place where the token of one session is between two requests: a cookie, a header, an entry of a store. One object is for one
 * exchange: a request and its answer, a call, a message. {@link CarriedSessions} asks it.
 */
public interface TokenCarrier {

    /**
     * Returns a cold {@link Mono} of the token that came, empty if the session is a new one. An error means that it is not known which
     * of both is so; the session then reads on the primary for the grace.
     */
    Mono<String> load();

    /**
     * Returns a cold {@link Mono} that keeps a token for the next request and completes when it is kept. A store that others write to
     * at the same time must keep what {@link io.github.r2dbcrouting.session.SessionTokens#merge} makes of both. It may fail,
     * and is cancelled when it takes too long.
     */
    Mono<Void> store(String token);
}
