package io.github.r2dbcrouting.consistency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.r2dbcrouting.position.Branch;
import io.github.r2dbcrouting.position.LogPosition;
import io.github.r2dbcrouting.position.MariaDbGtidPosition;
import io.github.r2dbcrouting.position.PositionBound;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** Tokens as they leave the process and come back: whole, altered, old, foreign, and signed with keys that change. */
class TokenCodecTests {

    private static final long CLUSTER = 0x6f1d2c3b4a596877L;
    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
    private static final Duration LIFETIME = Duration.ofHours(1);
    private static final SecretKeySpec OLD = TokenKeys.key(secret(1));
    private static final SecretKeySpec NEW = TokenKeys.key(secret(2));

    private final TokenCodec codec = codec(new TokenKeys(1, Map.of(1, OLD)), NOW);

    @Test
    void shouldReadBackWhatItWrote() {
        for (long seed = 0; seed < 2_000; seed++) {
            SessionToken token = random(new Random(seed));

            assertThat(codec.read(codec.write(token)).token())
                    .as("seed %d: %s", seed, token)
                    .isEqualTo(token);
        }
    }

    /** The sizes stand in the documentation. */
    @Test
    void shouldStayBelowAHundredCharactersForPostgresql() {
        PositionBound one = PositionBound.of(new LogPosition(Branch.ofTimeline(7), -1L));
        PositionBound farthest = PositionBound.of(new LogPosition(new Branch(4_000, -1L, null), -1L))
                .merge(PositionBound.of(new LogPosition(new Branch(4_001, -1L, null), -1L)));
        SessionToken handedOn = new SessionToken(CLUSTER, farthest, NOW.minusSeconds(60), NOW);
        SessionToken withLot = new SessionToken(CLUSTER, farthest, NOW.minusSeconds(60), NOW, 99);

        assertThat(codec.write(token(one))).hasSize(58).matches("[A-Za-z0-9_-]+");
        assertThat(codec.write(token(farthest))).hasSize(96).matches("[A-Za-z0-9_-]+");
        assertThat(codec.write(handedOn)).hasSize(98).matches("[A-Za-z0-9_-]+");
        assertThat(codec.write(withLot)).hasSize(99).matches("[A-Za-z0-9_-]+");
    }

    @Test
    void shouldGrowWithTheDomainsOfMariadbUpToALimit() {
        assertThat(codec.write(token(domains(1)))).hasSizeLessThan(60);
        assertThat(codec.write(token(domains(10)))).hasSizeLessThan(160);

        SessionToken most = codec.read(codec.write(token(domains(80)))).token();
        assertThat(most).isEqualTo(token(domains(80)));
        String tooMany = codec.write(token(domains(400)));
        assertThat(tooMany).hasSizeLessThan(60);
        assertThat(codec.read(tooMany).token().bound().isLost()).isTrue();
        assertThat(codec.read(tooMany).token().unresolved()).isTrue();
    }

    private static PositionBound domains(int count) {
        return PositionBound.of(MariaDbGtidPosition.parse(IntStream.range(0, count)
                .mapToObj(domain -> domain + "-3-" + (1_000_000 + domain))
                .collect(Collectors.joining(","))));
    }

    @Test
    void shouldNotBelieveATokenOfWhichOneBitWasChanged() {
        byte[] whole = Base64.getUrlDecoder().decode(codec.write(token(at(500))));
        for (int bit = 0; bit < 8 * whole.length; bit++) {
            byte[] altered = whole.clone();
            altered[bit / 8] ^= (byte) (1 << bit % 8);

            TokenCodec.Reading reading = codec.read(text(altered));
            assertThat(reading.token()).as("bit %d", bit).isNull();
            assertThat(reading.refusal()).as("bit %d", bit).isNotNull();
        }
    }

    @Test
    void shouldNotBelieveATokenThatWasCutOff() {
        byte[] whole = Base64.getUrlDecoder().decode(codec.write(token(at(500))));
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = java.util.Arrays.copyOf(whole, length);

            assertThat(codec.read(text(cut)).token()).as("%d bytes", length).isNull();
        }
    }

    @Test
    void shouldNotFailOnAnythingThatIsNoToken() {
        Random random = new Random(42);
        for (int i = 0; i < 5_000; i++) {
            byte[] bytes = new byte[random.nextInt(120)];
            random.nextBytes(bytes);
            String noise = i % 2 == 0 ? text(bytes) : new String(bytes, StandardCharsets.UTF_8);

            assertThat(codec.read(noise).token()).as("seed 42, number %d", i).isNull();
        }
        assertThat(codec.read("x".repeat(1 << 20)).refusal()).isEqualTo(TokenRefusal.MALFORMED);
    }

    @Test
    void shouldSayWhyItDoesNotBelieve() {
        String written = codec.write(token(at(500)));

        assertThat(codec.read("").refusal()).isEqualTo(TokenRefusal.MALFORMED);
        assertThat(codec.read("not base64!").refusal()).isEqualTo(TokenRefusal.MALFORMED);
        assertThat(codec(new TokenKeys(1, Map.of(1, NEW)), NOW).read(written).refusal())
                .isEqualTo(TokenRefusal.FORGED);
        assertThat(codec(new TokenKeys(2, Map.of(2, OLD)), NOW).read(written).refusal())
                .isEqualTo(TokenRefusal.UNKNOWN_KEY);
        assertThat(new TokenCodec(new TokenKeys(1, Map.of(1, OLD)), 7L, LIFETIME, clock(NOW))
                        .read(written)
                        .refusal())
                .isEqualTo(TokenRefusal.FOREIGN);
        assertThat(new TokenCodec(new TokenKeys(1, Map.of(1, OLD)), null, LIFETIME, clock(NOW))
                        .read(written)
                        .refusal())
                .as("while the own cluster is not known")
                .isNull();
        assertThat(codec(new TokenKeys(1, Map.of(1, OLD)), NOW.plus(LIFETIME).plusSeconds(1))
                        .read(written)
                        .refusal())
                .isEqualTo(TokenRefusal.EXPIRED);
        assertThat(codec(new TokenKeys(1, Map.of(1, OLD)), NOW.minusSeconds(61))
                        .read(written)
                        .refusal())
                .as("made in the future")
                .isEqualTo(TokenRefusal.EXPIRED);
    }

    @Test
    void shouldNotReadATokenOfAFutureVersion() {
        byte[] whole = Base64.getUrlDecoder().decode(codec.write(token(at(500))));
        whole[0] = TokenCodec.VERSION + 1;

        assertThat(codec.read(text(whole)).refusal()).isEqualTo(TokenRefusal.FUTURE_VERSION);
    }

    @Test
    void shouldReadTokensOfBothKeysWhileTheyAreRotated() {
        TokenCodec before = codec(new TokenKeys(1, Map.of(1, OLD)), NOW);
        TokenCodec accepting = codec(new TokenKeys(1, Map.of(1, OLD, 2, NEW)), NOW);
        TokenCodec signing = codec(new TokenKeys(2, Map.of(1, OLD, 2, NEW)), NOW);
        TokenCodec after = codec(new TokenKeys(2, Map.of(2, NEW)), NOW);
        SessionToken token = token(at(500));

        assertThat(accepting.read(before.write(token)).token()).isEqualTo(token);
        assertThat(signing.read(accepting.write(token)).token()).isEqualTo(token);
        assertThat(accepting.read(signing.write(token)).token()).isEqualTo(token);
        assertThat(after.read(signing.write(token)).token()).isEqualTo(token);
    }

    @Test
    void shouldRefuseAKeyThatIsShortOrMissing() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TokenKeys.of(new byte[15]))
                .withMessageContaining("at least 16 bytes, got 15");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TokenKeys(2, Map.of(1, OLD)))
                .withMessageContaining("key 2 is to sign tokens, but only [1] are given");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TokenKeys(256, Map.of(256, OLD)))
                .withMessageContaining("0 to 255, got 256");
    }

    @Test
    void shouldMergeTokensByTheLawsOfTheirBounds() {
        for (long seed = 0; seed < 2_000; seed++) {
            Random random = new Random(seed);
            SessionToken a = random(random);
            SessionToken b = random(random);
            SessionToken c = random(random);

            assertThat(a.merge(b)).as("commutative, seed %d", seed).isEqualTo(b.merge(a));
            assertThat(a.merge(b).merge(c)).as("associative, seed %d", seed).isEqualTo(a.merge(b.merge(c)));
            assertThat(a.merge(a)).as("idempotent, seed %d", seed).isEqualTo(a);
            assertThat(a.merge(b).unresolved() || !a.unresolved())
                    .as("monotone, seed %d", seed)
                    .isTrue();
            assertThat(a.merge(b).bound().merge(a.bound()))
                    .as("monotone, seed %d", seed)
                    .isEqualTo(a.merge(b).bound());
        }
    }

    @Test
    void shouldRefuseALotThatNobodyDraws() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SessionToken(CLUSTER, at(1), null, NOW, 100))
                .withMessage("a lot must be from 0 to 99, got 100");
    }

    /** Two branches of which neither is known to go on from the other are both kept, a third makes the token one that does not tell all. */
    @Test
    void shouldKeepBranchesThatDoNotCompare() {
        SessionToken old = token(PositionBound.of(new LogPosition(Branch.ofTimeline(1), 500)));
        SessionToken present = token(PositionBound.of(new LogPosition(Branch.ofTimeline(2), 480)));
        SessionToken third = token(PositionBound.of(new LogPosition(Branch.ofTimeline(3), 470)));

        SessionToken both = old.merge(present);
        assertThat(both.bound().positions()).hasSize(2);
        assertThat(both.unresolved()).isFalse();
        assertThat(codec.read(codec.write(both)).token()).isEqualTo(both);
        assertThat(both.merge(old)).isEqualTo(both);
        assertThat(both.merge(third).bound().isLost()).isTrue();
        assertThat(both.merge(third).unresolved()).isTrue();
    }

    @Test
    void shouldEndADoubtWithTheGraceThatTheFirstProcessBegan() {
        Duration grace = Duration.ofSeconds(5);
        SessionToken fresh = new SessionToken(CLUSTER, at(1), true, NOW);
        SessionToken handedOn = new SessionToken(CLUSTER, at(1), NOW.minusSeconds(2), NOW);

        assertThat(token(at(1)).doubt(grace, NOW)).isZero();
        assertThat(fresh.doubt(grace, NOW.plusSeconds(60)))
                .as("whatever the clocks say")
                .isEqualTo(grace);
        assertThat(handedOn.doubt(grace, NOW)).isEqualTo(Duration.ofSeconds(4));
        assertThat(handedOn.doubt(grace, NOW.plusSeconds(60))).isZero();
        assertThat(handedOn.doubt(grace, NOW.minusSeconds(60)))
                .as("a clock that is behind")
                .isEqualTo(grace);
        assertThat(new SessionToken(CLUSTER, PositionBound.LOST, false, NOW).doubt(grace, NOW))
                .isEqualTo(grace);
    }

    @Test
    void shouldNotMergeTokensOfTwoClusters() {
        SessionToken foreign = new SessionToken(7, at(1), false, NOW);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> token(at(1)).merge(foreign))
                .withMessageContaining("two clusters");
    }

    /** No process needs to be told a number. */
    @Test
    void shouldNumberKeysAlikeInWhateverOrderTheyAreGiven() {
        TokenCodec before = codec(TokenKeys.of(secret(1)), NOW);
        TokenCodec accepting = codec(TokenKeys.of(List.of(secret(1), secret(2))), NOW);
        TokenCodec signing = codec(TokenKeys.of(List.of(secret(2), secret(1))), NOW);
        TokenCodec after = codec(TokenKeys.of(secret(2)), NOW);
        SessionToken token = token(at(500));

        assertThat(signing.read(before.write(token)).token()).isEqualTo(token);
        assertThat(before.read(accepting.write(token)).token()).isEqualTo(token);
        assertThat(accepting.read(signing.write(token)).token()).isEqualTo(token);
        assertThat(after.read(signing.write(token)).token()).isEqualTo(token);
        assertThat(after.read(before.write(token)).refusal()).isEqualTo(TokenRefusal.UNKNOWN_KEY);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TokenKeys.of(List.of(secret(1), secret(1))))
                .withMessageContaining("the same number");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TokenKeys.of(List.of()))
                .withMessageContaining("no key for tokens is given");
    }

    @Test
    void shouldPrintNoKey() {
        assertThat(new TokenKeys(1, Map.of(1, OLD))).hasToString("TokenKeys[current=1, accepted=[1]]");
    }

    private static SessionToken random(Random random) {
        PositionBound bound = random.nextInt(20) == 0 ? PositionBound.LOST : PositionBound.NONE;
        for (int i = random.nextInt(4); i > 0; i--) {
            bound = bound.merge(
                    random.nextInt(5) == 0
                            ? PositionBound.of(MariaDbGtidPosition.parse(
                                    "0-1-" + random.nextInt(9) + ",4294967295-2-18446744073709551615"))
                            : PositionBound.of(new LogPosition(
                                    new Branch(
                                            1 + random.nextInt(2),
                                            random.nextBoolean() ? random.nextLong() : null,
                                            random.nextBoolean() ? "node" + random.nextInt(2) : null),
                                    random.nextLong())));
        }
        Instant issuedAt = NOW.plusSeconds(random.nextInt(60));
        return new SessionToken(
                CLUSTER,
                bound,
                random.nextBoolean() ? issuedAt.minusSeconds(random.nextInt(300)) : null,
                issuedAt,
                random.nextInt(SessionToken.NO_LOT, 100));
    }

    private static SessionToken token(PositionBound bound) {
        return new SessionToken(CLUSTER, bound, false, NOW);
    }

    private static PositionBound at(long lsn) {
        return PositionBound.of(new LogPosition(Branch.ofTimeline(1), lsn));
    }

    private static TokenCodec codec(TokenKeys keys, Instant now) {
        return new TokenCodec(keys, CLUSTER, LIFETIME, clock(now));
    }

    private static Clock clock(Instant now) {
        return Clock.fixed(now, ZoneOffset.UTC);
    }

    private static String text(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static byte[] secret(long seed) {
        byte[] secret = new byte[32];
        new Random(seed).nextBytes(secret);
        return secret;
    }
}
