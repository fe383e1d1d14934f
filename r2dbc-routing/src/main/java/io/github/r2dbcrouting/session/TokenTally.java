package io.github.r2dbcrouting.session;

import io.github.r2dbcrouting.consistency.TokenRefusal;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/** Counts tokens. */
final class TokenTally {

    private final LongAdder written = new LongAdder();
    private final LongAdder unresolved = new LongAdder();
    private final LongAdder believed = new LongAdder();
    private final LongAdder doubted = new LongAdder();
    private final Map<TokenRefusal, LongAdder> refused = new EnumMap<>(TokenRefusal.class);

    TokenTally() {
        for (TokenRefusal refusal : TokenRefusal.values()) {
            refused.put(refusal, new LongAdder());
        }
    }

    void written(boolean tellsNotAll) {
        written.increment();
        if (tellsNotAll) {
            unresolved.increment();
        }
    }

    void believed() {
        believed.increment();
    }

    void doubted() {
        doubted.increment();
    }

    void refused(TokenRefusal refusal) {
        Objects.requireNonNull(refused.get(refusal)).increment();
    }

    TokenCounts counts() {
        Map<TokenRefusal, Long> reasons = new EnumMap<>(TokenRefusal.class);
        refused.forEach((reason, count) -> reasons.put(reason, count.sum()));
        return new TokenCounts(written.sum(), unresolved.sum(), believed.sum(), doubted.sum(), reasons);
    }
}
