package io.github.r2dbcrouting.carrier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** Tokens that wait to be stored again. */
class OwedTokensTests {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    @Test
    void shouldStoreTheOthersThoughOneIsNeverTaken() {
        Set<String> stored = ConcurrentHashMap.newKeySet();
        OwedTokens owed = new OwedTokens(
                KnownTokens.create(),
                (id, token) -> id.equals("b")
                        ? Mono.error(new IllegalStateException("of the store"))
                        : Mono.fromRunnable(() -> stored.add(id)));
        try {
            for (String id : new String[] {"b", "a", "c"}) {
                owed.add(id, "token");
            }
            await().atMost(LIMIT).until(() -> owed.size() == 1);

            assertThat(stored).containsExactlyInAnyOrder("a", "c");
            assertThat(owed.lost()).isZero();
        } finally {
            owed.dispose();
        }
    }
}
