package io.github.r2dbcrouting.consistency;

import io.github.r2dbcrouting.position.PositionBound;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Writes tokens as short texts that are safe in URLs, headers and cookies, and reads them back. A text is signed with
 * HMAC-SHA256, cut to 16 bytes (RFC 2104, section 5, allows half), and not encrypted: it tells positions of the log and
 * nothing of the data. Under 100 characters for PostgreSQL, 1,024 at most for any database: a token of more positions than fit says
 * that it does not tell all. Safe for concurrent use.
 */
public final class TokenCodec {

    static final int VERSION = 1;

    /** Longer texts are neither written nor looked at: a cookie may be four times as long, a hundred domains of MariaDB fit. */
    static final int LONGEST_TEXT = 1_024;

    private static final int SIGNATURE_BYTES = 16;
    private static final int HEAD_BYTES = 2;
    private static final Duration CLOCK_DRIFT = Duration.ofMinutes(1);

    private final TokenKeys keys;
    private final @Nullable Long cluster;
    private final Duration lifetime;
    private final Clock clock;

    /**
     * Creates a codec for the tokens of a cluster.
     *
     * @param cluster what tells it apart from others, or {@code null} while that is not known: then tokens of any are believed
     * @param lifetime after which a token is refused; positive
     * @param clock tells when a token is read
     */
    public TokenCodec(TokenKeys keys, @Nullable Long cluster, Duration lifetime, Clock clock) {
        if (lifetime.isZero() || lifetime.isNegative()) {
            throw new IllegalArgumentException("the lifetime of tokens must be positive, got " + lifetime);
        }
        this.keys = keys;
        this.cluster = cluster;
        this.lifetime = lifetime;
        this.clock = clock;
    }

    /** Writes a token. */
    public String write(SessionToken token) {
        byte[] content = TokenContent.write(VERSION, keys.current(), token);
        if (content.length + SIGNATURE_BYTES > LONGEST_TEXT / 4 * 3) {
            SessionToken without = new SessionToken(
                    token.cluster(), PositionBound.LOST, token.unresolvedAt(), token.issuedAt(), token.lot());
            content = TokenContent.write(VERSION, keys.current(), without);
        }
        byte[] signature = signature(content, content.length, key(keys.current()));
        byte[] whole = Arrays.copyOf(content, content.length + SIGNATURE_BYTES);
        System.arraycopy(signature, 0, whole, content.length, SIGNATURE_BYTES);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(whole);
    }

    /** Reads a token, or says why it is not believed. Never fails, whatever the text. */
    public Reading read(String text) {
        byte[] whole = decoded(text);
        if (whole == null || whole.length < HEAD_BYTES + SIGNATURE_BYTES) {
            return Reading.refused(TokenRefusal.MALFORMED);
        }
        if (Byte.toUnsignedInt(whole[0]) > VERSION) {
            return Reading.refused(TokenRefusal.FUTURE_VERSION);
        }
        SecretKeySpec key = keys.accepted().get(Byte.toUnsignedInt(whole[1]));
        if (key == null) {
            return Reading.refused(TokenRefusal.UNKNOWN_KEY);
        }
        int end = whole.length - SIGNATURE_BYTES;
        // Compared in constant time, so that a signature cannot be guessed byte by byte.
        if (!MessageDigest.isEqual(signature(whole, end, key), Arrays.copyOfRange(whole, end, whole.length))) {
            return Reading.refused(TokenRefusal.FORGED);
        }
        SessionToken token = TokenContent.read(whole, HEAD_BYTES, end);
        return token == null ? Reading.refused(TokenRefusal.MALFORMED) : judged(token);
    }

    private Reading judged(SessionToken token) {
        if (cluster != null && token.cluster() != cluster) {
            return Reading.refused(TokenRefusal.FOREIGN);
        }
        Instant now = clock.instant();
        boolean early = token.issuedAt().isAfter(now.plus(CLOCK_DRIFT));
        boolean late = token.issuedAt().plus(lifetime).isBefore(now);
        return early || late ? Reading.refused(TokenRefusal.EXPIRED) : new Reading(token, null);
    }

    private static byte @Nullable [] decoded(String text) {
        if (text.length() > LONGEST_TEXT) {
            return null;
        }
        try {
            return Base64.getUrlDecoder().decode(text.getBytes(StandardCharsets.ISO_8859_1));
        } catch (IllegalArgumentException notBase64) {
            return null;
        }
    }

    private SecretKeySpec key(int number) {
        SecretKeySpec key = keys.accepted().get(number);
        if (key == null) {
            throw new IllegalStateException("no key " + number);
        }
        return key;
    }

    private static byte[] signature(byte[] content, int length, SecretKeySpec key) {
        try {
            Mac mac = Mac.getInstance(key.getAlgorithm());
            mac.init(key);
            mac.update(content, 0, length);
            return Arrays.copyOf(mac.doFinal(), SIGNATURE_BYTES);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(
                    "this Java has no " + key.getAlgorithm() + ", which every Java must have", e);
        }
    }

    /**
     * A token that was read, or why it is not believed; one of both is {@code null}.
     *
     * @param token the token
     * @param refusal why there is none
     */
    public record Reading(
            @Nullable SessionToken token, @Nullable TokenRefusal refusal) {

        static Reading refused(TokenRefusal refusal) {
            return new Reading(null, refusal);
        }
    }
}
