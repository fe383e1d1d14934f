package io.github.r2dbcrouting.position;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.r2dbcrouting.position.MariaDbGtidPosition.Gtid;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MariaDbGtidPositionTests {

    @Test
    void shouldReadAPositionAsMariaDbWritesIt() {
        assertThat(MariaDbGtidPosition.parse("0-1-100,1-2-5").domains())
                .isEqualTo(Map.of(0L, new Gtid(1, 100), 1L, new Gtid(2, 5)));
        assertThat(MariaDbGtidPosition.parse(" 0-1-100 ,\n1-2-5 "))
                .isEqualTo(MariaDbGtidPosition.parse("0-1-100,1-2-5"));
        assertThat(MariaDbGtidPosition.parse("4294967295-4294967295-18446744073709551615"))
                .hasToString("4294967295-4294967295-18446744073709551615");
    }

    @Test
    void shouldReadNothingAsThePositionOfAServerThatHasLoggedNothing() {
        assertThat(MariaDbGtidPosition.parse("").domains()).isEmpty();
        assertThat(MariaDbGtidPosition.parse("  ")).hasToString("");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "0-1 | '0-1' does not have three parts",
                "0-1-2-3 | '0-1-2-3' does not have three parts",
                "0-1-100, | '' does not have three parts",
                "a-1-1 | 'a-1-1' has a part that is no number or is too large",
                "0-+1-1 | '0-+1-1' has a part that is no number or is too large",
                "0-4294967296-1 | '0-4294967296-1' has a part that is no number or is too large",
                "0-1-18446744073709551616 | '0-1-18446744073709551616' has a part that is no number or is too large",
                "0-1-5,0-2-6 | domain 0 stands there twice"
            })
    void shouldSayWhatIsNoPosition(String text, String problem) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MariaDbGtidPosition.parse(text))
                .withMessage("not a GTID position: '" + text + "': " + problem
                        + "; expected domain-server-sequence, separated by commas, such as 0-1-100,1-2-5");
    }

    @Test
    void shouldWriteDomainsInTheirOrder() {
        assertThat(MariaDbGtidPosition.parse("7-1-1,0-1-100,3-2-5")).hasToString("0-1-100,3-2-5,7-1-1");
    }

    @Test
    void shouldMergeToTheLaterTransactionOfEachDomain() {
        MariaDbGtidPosition one = MariaDbGtidPosition.parse("0-1-100,1-2-5");
        MariaDbGtidPosition other = MariaDbGtidPosition.parse("0-1-101,2-1-9");
        assertThat(one.merge(other)).hasToString("0-1-101,1-2-5,2-1-9");
        assertThat(one.merge(MariaDbGtidPosition.parse("0-2-101"))).isNull();
        assertThat(one.merge(new LogPosition(Branch.ofTimeline(1), 1))).isNull();
    }
}
