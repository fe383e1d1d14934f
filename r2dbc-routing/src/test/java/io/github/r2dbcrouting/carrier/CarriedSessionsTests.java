package io.github.r2dbcrouting.carrier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.r2dbcrouting.carrier.TokenCookie.SameSite;
import io.github.r2dbcrouting.consistency.ConsistencySession;
import io.github.r2dbcrouting.session.SessionTokens;
import io.grpc.Metadata;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** Sessions in cookies, messages and calls, and carriers that fail. */
class CarriedSessionsTests {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final SessionTokens tokens = KnownTokens.create();
    private final CarriedSessions sessions = new CarriedSessions(tokens);
    private final TokenCookie cookie = TokenCookie.of(tokens.lifetime());

    @Test
    void shouldTakeASessionFromOneMessageToTheNext() {
        Map<String, String> message = new HashMap<>();
        sessions.save(KnownTokens.session(500), TokenHeaders.carrier(name -> null, message::put))
                .block(LIMIT);
        Map<String, String> next = new HashMap<>();
        Mono<ConsistencySession> work = Mono.deferContextual(context -> Mono.just(ConsistencySession.from(context)));

        ConsistencySession handling = sessions.within(TokenHeaders.carrier(message::get, next::put), work)
                .block(LIMIT);
        assertThat(KnownTokens.lsn(handling)).isEqualTo(500);
        assertThat(next).containsOnlyKeys(TokenHeaders.NAME);
        assertThat(KnownTokens.lsn(tokens.accept(next.get(TokenHeaders.NAME)))).isEqualTo(500);
    }

    @Test
    void shouldTakeASessionThroughTheMetadataOfACall() {
        Metadata.Key<String> key = Metadata.Key.of(TokenHeaders.NAME, Metadata.ASCII_STRING_MARSHALLER);
        Metadata response = new Metadata();
        sessions.save(
                        KnownTokens.session(500),
                        TokenHeaders.carrier(name -> null, (name, token) -> response.put(key, token)))
                .block(LIMIT);

        ConsistencySession next = sessions.open(
                        TokenHeaders.carrier(name -> response.get(key), (name, token) -> response.put(key, token)))
                .block(LIMIT);
        assertThat(KnownTokens.lsn(next)).isEqualTo(500);
    }

    @Test
    void shouldCarryNothingOfASessionThatHasSeenNothing() {
        Map<String, String> next = new HashMap<>();

        sessions.within(TokenHeaders.carrier(name -> null, next::put), Mono.just(1))
                .block(LIMIT);
        assertThat(next).isEmpty();
    }

    @Test
    void shouldSaveASessionWhoseWorkFailed() {
        Map<String, String> next = new HashMap<>();
        Mono<Void> failing = Mono.deferContextual(context -> {
            KnownTokens.see(ConsistencySession.from(context), 500);
            return Mono.error(new IllegalStateException("of the work"));
        });

        assertThatThrownBy(() -> sessions.within(TokenHeaders.carrier(name -> null, next::put), failing)
                        .block(LIMIT))
                .hasMessage("of the work");
        assertThat(next).containsKey(TokenHeaders.NAME);
    }

    @Test
    void shouldReadOnThePrimaryWhereACarrierDoesNotSayWhatItHas() {
        for (Mono<String> load :
                List.<Mono<String>>of(Mono.error(new IllegalStateException("of the carrier")), Mono.never())) {
            ConsistencySession session = sessions.open(carrier(load)).block(LIMIT);

            assertThat(KnownTokens.isDoubtful(session)).isTrue();
        }
        assertThat(sessions.counts()).isEqualTo(new CarriedCounts(2, 2, 0, 0));
    }

    @Test
    void shouldCompleteThoughACarrierTakesNothing() {
        sessions.save(KnownTokens.session(500), carrier(Mono.empty())).block(LIMIT);

        assertThat(sessions.counts()).isEqualTo(new CarriedCounts(0, 0, 0, 1));
    }

    private static TokenCarrier carrier(Mono<String> load) {
        return new TokenCarrier() {
            @Override
            public Mono<String> load() {
                return load;
            }

            @Override
            public Mono<Void> store(String token) {
                throw new IllegalStateException("of the carrier");
            }
        };
    }

    @Test
    void shouldWriteACookieThatIsSafe() {
        assertThat(cookie.setCookie("abc"))
                .isEqualTo("__Host-routing-session=abc; Path=/; Max-Age=3600; Secure; HttpOnly; SameSite=Lax");
        assertThat(cookie.withoutTls().setCookie("abc"))
                .isEqualTo("routing-session=abc; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax");
        assertThat(new TokenCookie("s", "/shop", Duration.ofSeconds(1), true, SameSite.STRICT).setCookie("abc"))
                .isEqualTo("s=abc; Path=/shop; Max-Age=1; Secure; HttpOnly; SameSite=Strict");
    }

    @Test
    void shouldFindItsCookieAmongOthers() {
        assertThat(cookie.find("a=1; __Host-routing-session=abc; b=2")).isEqualTo("abc");
        assertThat(cookie.find("__Host-routing-session=\"abc\"")).isEqualTo("abc");
        assertThat(cookie.find("__Host-routing-session=first;__Host-routing-session=second"))
                .isEqualTo("first");
        assertThat(cookie.find("x__Host-routing-session=abc; __Host-routing-session2=abc"))
                .isNull();
        assertThat(cookie.find("__Host-routing-session")).isNull();
        assertThat(cookie.find("__Host-routing-session=")).isEmpty();
        assertThat(cookie.find(null)).isNull();
        assertThat(cookie.find(";;=;")).isNull();
    }

    @Test
    void shouldRefuseACookieThatCannotBe() {
        Duration hour = Duration.ofHours(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TokenCookie("a b", "/", hour, true, SameSite.LAX))
                .withMessageContaining("cannot be named 'a b'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TokenCookie("s", "/;Domain=x", hour, true, SameSite.LAX))
                .withMessageContaining("cannot have the path");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TokenCookie("s", "/", Duration.ofMillis(10), true, SameSite.LAX))
                .withMessageContaining("1 s or more, got PT0.01S");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TokenCookie("__Host-s", "/shop", hour, true, SameSite.LAX))
                .withMessageContaining("must be secure and have the path /");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TokenCookie("s", "/", hour, false, SameSite.NONE))
                .withMessageContaining("must be secure");
    }
}
