package io.github.r2dbcrouting.session;

import io.github.r2dbcrouting.consistency.TokenRefusal;
import java.util.Map;

/**
 * How many tokens there were.
 *
 * @param written how many were made
 * @param unresolved how many of these do not tell all
 * @param believed how many were read and believed
 * @param doubted how many sessions began with reads on the primary: of tokens that were refused or do not tell all, or that could not
 *     be reached
 * @param refused how many were not believed, for each reason
 */
public record TokenCounts(long written, long unresolved, long believed, long doubted, Map<TokenRefusal, Long> refused) {

    /** Those of a factory without keys. */
    public static final TokenCounts NONE = new TokenCounts(0, 0, 0, 0, Map.of());

    public TokenCounts {
        refused = Map.copyOf(refused);
    }
}
