package io.github.r2dbcrouting.benchmarks.answers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.r2dbcrouting.benchmarks.answers.SessionRows.Seen;
import io.github.r2dbcrouting.benchmarks.measuring.Latencies;
import org.junit.jupiter.api.Test;

class SessionTallyTests {

    private static final long MILLI = 1_000_000;

    private final SessionTally session = new SessionTally();

    @Test
    void shouldTakeForStaleWhatIsOlderThanTheSessionWrote() {
        session.read(new Seen(1, true), MILLI);
        session.wrote(7, MILLI);
        session.read(new Seen(6, true), MILLI);
        session.read(new Seen(7, true), MILLI);
        session.read(new Seen(9, false), MILLI);
        assertThat(session.sums().stale()).isEqualTo(1);
        assertThat(session.sums().shareOnReplicas()).isEqualTo(0.75);
    }

    @Test
    void shouldTellTheFirstReadAfterAWriteFromTheOthers() {
        session.read(new Seen(1, true), MILLI);
        session.wrote(7, MILLI);
        session.read(new Seen(7, false), 3 * MILLI);
        session.wrote(8, MILLI);
        session.wrote(9, MILLI);
        session.read(new Seen(9, true), 5 * MILLI);
        session.read(new Seen(9, true), MILLI);
        SessionTally.Sums sums = session.sums();
        assertThat(sums.firstReads().count()).isEqualTo(2);
        assertThat(sums.firstReads().p50()).isEqualTo(4, within(1e-9));
        assertThat(sums.firstReadsOnReplicas().count()).isEqualTo(1);
        assertThat(sums.firstReadsOnReplicas().p50()).isEqualTo(5, within(1e-9));
    }

    @Test
    void shouldAddUpSessions() {
        SessionTally all = new SessionTally();
        for (int i = 1; i <= 100; i++) {
            SessionTally one = new SessionTally();
            one.wrote(i, i * MILLI);
            one.read(new Seen(0, true), MILLI);
            all.add(one);
        }
        SessionTally.Sums sums = all.sums();
        assertThat(sums.writes().count()).isEqualTo(100);
        assertThat(sums.writes().p50()).isEqualTo(50.5, within(1e-9));
        assertThat(sums.onReplicas()).isEqualTo(100);
        assertThat(sums.stale()).isEqualTo(100);
    }

    @Test
    void shouldTellNothingOfNothing() {
        assertThat(session.sums().reads()).isEqualTo(new Latencies.Quantiles(0, 0, 0));
    }
}
