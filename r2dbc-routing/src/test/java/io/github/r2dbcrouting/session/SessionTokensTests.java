package io.github.r2dbcrouting.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.consistency.Consistency.Level;
import io.github.r2dbcrouting.consistency.ConsistencySession;
import io.github.r2dbcrouting.consistency.Requirement.Kind;
import io.github.r2dbcrouting.consistency.TokenKeys;
import io.github.r2dbcrouting.consistency.TokenRefusal;
import io.github.r2dbcrouting.position.Branch;
import io.github.r2dbcrouting.position.LogPosition;
import io.github.r2dbcrouting.position.PositionBound;
import io.github.r2dbcrouting.settings.TokenSettings;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Sessions that go from one process to another. */
class SessionTokensTests {

    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final ScriptedSamples samples = new ScriptedSamples(time);
    private final TokenSettings settings = TokenSettings.of(TokenKeys.of(new byte[32]));
    private final SessionTokens here = tokens(NOW);
    private final SessionTokens there = tokens(NOW.plusSeconds(2));
    private final ConsistencySession session = ConsistencySession.create();
    private final List<String> exported = new ArrayList<>();

    @BeforeEach
    void showACluster() {
        samples.show(samples.primary(100), samples.replica("r1", 100));
    }

    @AfterEach
    void disposeOfTime() {
        time.dispose();
    }

    @Test
    void shouldTakeWhatASessionWroteToAnotherProcess() {
        write();
        samples.show(samples.primary(500), samples.replica("r1", 100));
        export();

        ConsistencySession arrived = there.accept(exported.get(0));
        assertThat(arrived.bound()).isEqualTo(PositionBound.of(new LogPosition(Branch.ofTimeline(1), 500)));
        assertThat(kind(arrived)).isEqualTo(Kind.COVERED);
        assertThat(samples.asked).isEmpty();
    }

    @Test
    void shouldAskThePrimaryForTheLastWriteBeforeItWritesAToken() {
        write();
        export();
        assertThat(exported).isEmpty();
        assertThat(samples.asked).containsExactly("p");
        samples.show(samples.primary(500), samples.replica("r1", 100));
        time.advanceTimeBy(Duration.ZERO);

        assertThat(kind(there.accept(exported.get(0)))).isEqualTo(Kind.COVERED);
    }

    /** Whoever gets it must not go back behind the write. */
    @Test
    void shouldSayThatATokenDoesNotTellAllWhenThePrimaryDoesNotAnswer() {
        write();
        export();
        time.advanceTimeBy(settings.exportTimeout());

        ConsistencySession arrived = there.accept(exported.get(0));
        assertThat(kind(arrived)).isEqualTo(Kind.PRIMARY);
        time.advanceTimeBy(settings.grace());
        assertThat(kind(arrived)).isEqualTo(Kind.NONE);
    }

    @Test
    void shouldSayThatATokenDoesNotTellAllWhileAWriteIsUnderWay() {
        session.writeStarts();
        export();
        samples.show(samples.primary(500), samples.replica("r1", 500));
        time.advanceTimeBy(settings.exportTimeout());

        assertThat(kind(there.accept(exported.get(0)))).isEqualTo(Kind.PRIMARY);
    }

    @Test
    void shouldReadOnThePrimaryForTheGraceWhenATokenIsNotBelieved() {
        ConsistencySession arrived = there.accept("AAAA");

        assertThat(kind(arrived)).isEqualTo(Kind.PRIMARY);
        assertThat(there.refusals()).containsEntry(TokenRefusal.MALFORMED, 1L).containsEntry(TokenRefusal.FORGED, 0L);
        time.advanceTimeBy(settings.grace());
        assertThat(kind(arrived)).isEqualTo(Kind.NONE);
    }

    @Test
    void shouldCountTokensThatAreTooOld() {
        export();
        SessionTokens later = tokens(NOW.plus(settings.lifetime()).plusSeconds(1));

        later.accept(exported.get(0));
        assertThat(later.refusals()).containsEntry(TokenRefusal.EXPIRED, 1L);
    }

    @Test
    void shouldBeginASessionWhereThereIsNoToken() {
        assertThat(kind(there.accept(null))).isEqualTo(Kind.NONE);
        assertThat(kind(there.accept(""))).isEqualTo(Kind.NONE);
        assertThat(there.refusals().values()).containsOnly(0L);
    }

    private void write() {
        session.writeStarts().ended(1, samples.now());
        time.advanceTimeBy(Duration.ofNanos(1));
    }

    private void export() {
        here.export(session).subscribe(exported::add);
        time.advanceTimeBy(Duration.ZERO);
    }

    private Kind kind(ConsistencySession asked) {
        return asked.requirement(Level.READ_YOUR_WRITES, samples.current(), samples.now())
                .kind();
    }

    private SessionTokens tokens(Instant now) {
        return new SessionTokens(settings, samples, time, Clock.fixed(now, ZoneOffset.UTC));
    }
}
