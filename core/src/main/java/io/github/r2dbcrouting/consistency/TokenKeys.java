package io.github.r2dbcrouting.consistency;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.List;
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

    /** Returns a single key. */
    public static TokenKeys of(byte[] secret) {
        return of(List.of(secret));
    }

    /**
     * Returns keys of which the first one signs. Each is numbered by its own bytes, so that all processes number them alike.
     *
     * @param secrets each of at least 16 bytes
     * @throws IllegalArgumentException if there is none, one is too short, or two happen to have one number, as one pair of 256 does
     */
    public static TokenKeys of(List<byte[]> secrets) {
        if (secrets.isEmpty()) {
            throw new IllegalArgumentException("no key for tokens is given; make one with: openssl rand -hex 32");
        }
        Map<Integer, SecretKeySpec> keys = new LinkedHashMap<>();
        for (byte[] secret : secrets) {
            if (keys.put(number(secret), key(secret)) != null) {
                throw new IllegalArgumentException("two keys for tokens have the same number, which is made of their"
                        + " bytes; make another one with: openssl rand -hex 32");
            }
        }
        return new TokenKeys(keys.keySet().iterator().next(), keys);
    }

    private static int number(byte[] secret) {
        try {
            return Byte.toUnsignedInt(MessageDigest.getInstance("SHA-256").digest(secret)[0]);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256, which every Java must have", e);
        }
    }

    /**
     * Returns a key from its bytes.
     *
     * @param secret at least 16 bytes from a source of randomness
     */
    public static SecretKeySpec key(byte[] secret) {
        if (secret.length < LEAST_BYTES) {
            throw new IllegalArgumentException("a key for tokens must have at least " + LEAST_BYTES + " bytes, got "
                    + secret.length + "; make one with: openssl rand -hex 32");
        }
        return new SecretKeySpec(secret, ALGORITHM);
    }

    /** Names the keys by their numbers only. */
    @Override
    public String toString() {
        return "TokenKeys[current=" + current + ", accepted=" + accepted.keySet() + "]";
    }
}
