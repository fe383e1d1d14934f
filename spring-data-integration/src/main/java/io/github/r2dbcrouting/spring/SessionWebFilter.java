package io.github.r2dbcrouting.spring;

import io.github.r2dbcrouting.Routing;
import io.github.r2dbcrouting.carrier.CarriedSessions;
import io.github.r2dbcrouting.carrier.TokenCarrier;
import io.github.r2dbcrouting.carrier.TokenCookie;
import io.github.r2dbcrouting.carrier.TokenHeaders;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Gives each request of WebFlux its session: what runs in the chain of the request sees what earlier requests of the same client wrote,
 * whichever process served them. The session comes and goes by a carrier, a cookie for instance:
 *
 * <pre>{@code
 * @Bean
 * SessionWebFilter sessions(RoutingConnectionFactory factory) {
 *     CarriedSessions sessions = new CarriedSessions(factory.tokens());
 *     return new SessionWebFilter(sessions, SessionWebFilter.cookie(TokenCookie.of(factory.tokens().lifetime())));
 * }
 * }</pre>
 *
 * <p>The token is written just before the headers are sent. What a response writes to the database while its body is already on its way,
 * the next request may not see: that is so for streams. A response that has a token must not be stored by caches that clients share.
 */
public final class SessionWebFilter implements WebFilter, Ordered {

    private final CarriedSessions sessions;
    private final Function<? super ServerWebExchange, ? extends TokenCarrier> carriers;

    /**
     * Creates the filter.
     *
     * @param carriers gives the carrier of a request: {@link #cookie}, {@link #header}, or an entry of a store, such as
     *     {@code exchange -> redisTokens.of(id)}
     */
    public SessionWebFilter(
            CarriedSessions sessions, Function<? super ServerWebExchange, ? extends TokenCarrier> carriers) {
        this.sessions = sessions;
        this.carriers = carriers;
    }

    /** Returns what carries tokens in a cookie. */
    public static Function<ServerWebExchange, TokenCarrier> cookie(TokenCookie cookie) {
        return exchange -> TokenHeaders.carrier(
                HttpHeaders.COOKIE,
                name -> cookie.find(joined(exchange.getRequest().getHeaders().get(name))),
                (name, token) ->
                        exchange.getResponse().getHeaders().add(HttpHeaders.SET_COOKIE, cookie.setCookie(token)));
    }

    private static String joined(@Nullable List<String> headers) {
        return headers == null ? "" : String.join(";", headers);
    }

    /**
     * Returns what carries tokens in a header, for clients that send back the one of their last response.
     *
     * @param name such as {@link TokenHeaders#NAME}; where scripts of other origins call, CORS must expose it
     */
    public static Function<ServerWebExchange, TokenCarrier> header(String name) {
        return exchange -> TokenHeaders.carrier(
                name,
                exchange.getRequest().getHeaders()::getFirst,
                (ignored, token) -> exchange.getResponse().getHeaders().set(name, token));
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        TokenCarrier carrier = carriers.apply(exchange);
        return sessions.open(carrier).flatMap(session -> {
            exchange.getResponse().beforeCommit(() -> sessions.save(session, carrier));
            return chain.filter(exchange).contextWrite(Routing.session(session));
        });
    }

    /** Before the filters of an application, so that what they read belongs to the session too. */
    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE + 100;
    }
}
