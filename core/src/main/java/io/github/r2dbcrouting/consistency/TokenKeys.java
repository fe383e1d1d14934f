package io.github.r2dbcrouting.consistency;

import java.util.Map;
import javax.crypto.spec.SecretKeySpec;

/**
 * The keys that tokens are signed with. To rotate them without refusing a token: first every process accepts the new key, then
 * every process signs with it, and when the tokens of the old one have expired, it is taken away.
 *
 * @param current the number of the key that new tokens are signed with
 * @param accepted the keys by their numbers, 0 to 255, the current one among them; each of at least 16 bytes, 32 are best
 */
public record TokenKeys(int current, Map<Integer, SecretKeySpec> accepted) {

    private static final String ALGORITHM = "HmacSHA256";
    private static final int LEAST_BYTES = 16;

    public TokenKeys {
        accepted = Map.copyOf(accepted);
        if (!accepted.containsKey(current)) {
            throw new IllegalArgumentException(
                    "key " + current + " is to sign tokens, but only " + accepted.keySet() + " are given; add it");
        }
        for (int number : accepted.keySet()) {
            if (number < 0 || number > 255) {
                throw new IllegalArgumentException("the number of a key must be 0 to 255, got " + number);
            }
        }
    }

    /** Returns a single key, number 0. */
    public static TokenKeys of(byte[] secret) {
        return new TokenKeys(0, Map.of(0, key(secret)));
    }

    /**
     * Returns a key from its bytes.
     *
     * @param secret at least 16 bytes from a source of randomness
     */
    public static SecretKeySpec key(byte[] secret) {
        if (secret.length < LEAST_BYTES) {
            throw new IllegalArgumentException("a key for tokens must have at least " + LEAST_BYTES + " bytes, got "
                    + secret.length + "; make one with: openssl rand -base64 32");
        }
        return new SecretKeySpec(secret, ALGORITHM);
    }

    /** Names the keys by their numbers only. */
    @Override
    public String toString() {
        return "TokenKeys[current=" + current + ", accepted=" + accepted.keySet() + "]";
    }
}
