package io.github.r2dbcrouting.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.consistency.Consistency.Level;
import io.github.r2dbcrouting.consistency.ConsistencySession;
import io.github.r2dbcrouting.consistency.Requirement.Kind;
import io.github.r2dbcrouting.consistency.SessionToken;
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
    private static final Duration GRACE = Duration.ofSeconds(5);

    private long extraLag;
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

    /** The grace of a session of which less is known than it wrote is over, but replicas may now be further behind than that. */
    @Test
    void shouldDoubtForLongerWhileReplicasMayBeFurtherBehind() {
        ConsistencySession doubtful = here.unknownPast();
        time.advanceTimeBy(Duration.ofSeconds(10));
        here.export(doubtful).subscribe(exported::add);
        assertThat(exported).isEmpty();
        extraLag = Duration.ofMinutes(1).toNanos();
        here.export(doubtful).subscribe(exported::add);
        ConsistencySession arrived = tokens(NOW.plusSeconds(10)).accept(exported.get(0));
        assertThat(arrived.distrustsReplicasFor(samples.now() - extraLag)).isPositive();
        assertThat(arrived.distrustsReplicasFor(samples.now())).isZero();
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
    void shouldStayOnItsSideOfAShareInAnotherProcess() {
        assertThat(session.lot(() -> 42)).isEqualTo(42);
        write();
        samples.show(samples.primary(500), samples.replica("r1", 500));
        export();

        ConsistencySession arrived = there.accept(exported.get(0));
        assertThat(arrived.lot(() -> 7)).isEqualTo(42);
        assertThat(there.accept(null).lot(() -> 7)).isEqualTo(7);
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
        time.advanceTimeBy(GRACE);
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
        assertThat(there.counts().refused())
                .containsEntry(TokenRefusal.MALFORMED, 1L)
                .containsEntry(TokenRefusal.FORGED, 0L);
        assertThat(there.counts().doubted()).isOne();
        time.advanceTimeBy(GRACE);
        assertThat(kind(arrived)).isEqualTo(Kind.NONE);
    }

    @Test
    void shouldCountTokensThatAreTooOld() {
        write();
        samples.show(samples.primary(500), samples.replica("r1", 100));
        export();
        SessionTokens later = tokens(NOW.plus(settings.lifetime()).plusSeconds(1));

        later.accept(exported.get(0));
        assertThat(later.counts().refused()).containsEntry(TokenRefusal.EXPIRED, 1L);
    }

    @Test
    void shouldBeginASessionWhereThereIsNoToken() {
        assertThat(kind(there.accept(null))).isEqualTo(Kind.NONE);
        assertThat(kind(there.accept(""))).isEqualTo(Kind.NONE);
        assertThat(there.counts().refused().values()).containsOnly(0L);
    }

    @Test
    void shouldWriteNoTokenOfASessionThatHasSeenNothing() {
        export();

        assertThat(exported).isEmpty();
        assertThat(here.counts().written()).isZero();
    }

    /** The next process must not end a grace that this one has only begun, nor begin it anew for ever. */
    @Test
    void shouldHandOnADoubtUntilTheGraceIsOver() {
        ConsistencySession doubtful = here.accept("AAAA");
        time.advanceTimeBy(Duration.ofSeconds(2));
        here.export(doubtful).subscribe(exported::add);

        ConsistencySession arrived = there.accept(exported.get(0));
        assertThat(kind(arrived)).isEqualTo(Kind.PRIMARY);
        time.advanceTimeBy(GRACE.minusSeconds(3));
        assertThat(kind(arrived)).isEqualTo(Kind.NONE);
        there.export(arrived).subscribe(exported::add);
        assertThat(exported).hasSize(1);
    }

    /** More branches than are kept are known no better later: the session must not stay on the primary for good. */
    @Test
    void shouldReadOnReplicasAgainAfterTheGraceOfATokenThatHeldTooMuch() {
        ConsistencySession lost = ConsistencySession.create();
        lost.include(new SessionToken(0, PositionBound.LOST, false, NOW));
        here.export(lost).subscribe(exported::add);

        ConsistencySession arrived = there.accept(exported.get(0));
        assertThat(kind(arrived)).isEqualTo(Kind.PRIMARY);
        time.advanceTimeBy(GRACE);
        assertThat(kind(arrived)).isEqualTo(Kind.NONE);
    }

    /** A process that has just begun gets tokens before it has seen a node. */
    @Test
    void shouldTakeNothingFromATokenBeforeTheFirstSampleAndReadOnThePrimaryForTheGrace() {
        write();
        samples.show(samples.primary(500), samples.replica("r1", 100));
        export();
        ScriptedSamples unseen = new ScriptedSamples(time);
        SessionTokens fresh =
                new SessionTokens(settings, GRACE, unseen, time, Clock.fixed(NOW, ZoneOffset.UTC), () -> extraLag);

        ConsistencySession arrived = fresh.accept(exported.get(0));
        assertThat(kind(arrived)).isEqualTo(Kind.PRIMARY);
        fresh.export(arrived).subscribe(exported::add);
        assertThat(exported).hasSize(1);
        unseen.show(unseen.primary(100), unseen.replica("r1", 100));
        fresh.export(arrived).subscribe(exported::add);
        ConsistencySession next = fresh.accept(exported.get(1));
        assertThat(next.bound().isNone())
                .as("whatever cluster the token was of")
                .isTrue();
        assertThat(kind(next)).isEqualTo(Kind.PRIMARY);
        assertThat(fresh.counts().refused().values()).containsOnly(0L);
    }

    @Test
    void shouldTellClustersApartByTheNameThatTheyWereGiven() {
        write();
        samples.show(samples.primary(500), samples.replica("r1", 100));
        named("east").export(session).subscribe(exported::add);

        assertThat(kind(named("east").accept(exported.get(0)))).isEqualTo(Kind.COVERED);
        SessionTokens west = named("west");
        assertThat(kind(west.accept(exported.get(0)))).isEqualTo(Kind.PRIMARY);
        assertThat(west.counts().refused()).containsEntry(TokenRefusal.FOREIGN, 1L);
    }

    @Test
    void shouldMergeWhatIsKeptWithWhatIsNew() {
        write();
        samples.show(samples.primary(500), samples.replica("r1", 100));
        export();
        write();
        samples.show(samples.primary(600), samples.replica("r1", 100));
        export();
        String older = exported.get(0);
        String newer = exported.get(1);

        assertThat(there.merge(null, older)).isEqualTo(older);
        assertThat(there.accept(there.merge(older, newer)).bound()).isEqualTo(session.bound());
        assertThat(there.accept(there.merge(newer, older)).bound()).isEqualTo(session.bound());
        ConsistencySession unsure = there.accept(there.merge("AAAA", newer));
        assertThat(unsure.bound()).isEqualTo(session.bound());
        assertThat(kind(unsure)).isEqualTo(Kind.PRIMARY);
        assertThat(kind(there.accept(there.merge("AAAA", "BBBB")))).isEqualTo(Kind.PRIMARY);
    }

    private SessionTokens named(String cluster) {
        TokenSettings named =
                new TokenSettings(settings.keys(), cluster, settings.lifetime(), settings.exportTimeout());
        return new SessionTokens(named, GRACE, samples, time, Clock.fixed(NOW, ZoneOffset.UTC), () -> extraLag);
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
        return new SessionTokens(settings, GRACE, samples, time, Clock.fixed(now, ZoneOffset.UTC), () -> extraLag);
    }
}
