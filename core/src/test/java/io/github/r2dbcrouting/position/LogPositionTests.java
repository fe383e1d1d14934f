package io.github.r2dbcrouting.position;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LogPositionTests {

    @ParameterizedTest
    @CsvSource({
        "0/0, 0",
        "0/16B3748, 23803720",
        "0/16b3748, 23803720",
        "0/016B3748, 23803720",
        "1/0, 4294967296",
        "FFFFFFFF/FFFFFFFF, -1",
        "ffffffff/ffffffff, -1",
        "80000000/0, -9223372036854775808"
    })
    void shouldReadALogSequenceNumberAsPostgresqlWritesIt(String text, long lsn) {
        assertThat(LogPosition.parseLsn(text)).isEqualTo(lsn);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "0", "0/", "/0", "0/G", "0/-1", "+0/1", "0/123456789", "0/0/0", " 0/0", "0/１"})
    void shouldSayWhatIsNoLogSequenceNumber(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LogPosition.parseLsn(text))
                .withMessage("not a log sequence number: '" + text
                        + "'; expected two hexadecimal numbers of up to eight digits, such as 0/16B3748");
    }

    @Test
    void shouldReadWhatItWrites() {
        for (long seed = 0; seed < 1_000; seed++) {
            long lsn = new Random(seed).nextLong();
            assertThat(LogPosition.parseLsn(LogPosition.formatLsn(lsn)))
                    .as("seed %d", seed)
                    .isEqualTo(lsn);
        }
    }

    @Test
    void shouldReadWellInALog() {
        long lsn = LogPosition.parseLsn("0/16B3748");
        assertThat(new LogPosition(Branch.ofTimeline(1), lsn)).hasToString("0/16B3748@1");
        assertThat(new LogPosition(new Branch(2, 0x300_0000L, "r1"), lsn))
                .hasToString("0/16B3748@2(fork 0/3000000, node r1)");
        assertThat(new Branch(2, 0x300_0000L, null)).hasToString("2(fork 0/3000000)");
        assertThat(new Branch(2, null, "r1")).hasToString("2(node r1)");
    }

    @Test
    void shouldRefuseATimelineBelowTheFirst() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Branch.ofTimeline(0))
                .withMessage("timeline must be at least 1, got 0");
    }

    @Test
    void shouldTellBranchesApartByWhateverIsKnownOfBoth() {
        Branch plain = Branch.ofTimeline(2);
        Branch forked = new Branch(2, 500L, null);
        Branch promoted = new Branch(2, 500L, "r1");
        assertThat(plain.isSameAs(promoted)).isTrue();
        assertThat(forked.isSameAs(promoted)).isTrue();
        assertThat(promoted.isSameAs(new Branch(2, 500L, "r2"))).isFalse();
        assertThat(forked.isSameAs(new Branch(2, 501L, null))).isFalse();
        assertThat(plain.isSameAs(Branch.ofTimeline(3))).isFalse();
    }
}
