package io.github.r2dbcrouting.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.consistency.ConsistencySession;
import io.github.r2dbcrouting.settings.SessionSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Sessions by their keys: as many as are allowed, for as long, and never less consistent because one was forgotten. */
class SessionRegistryTests {

    private static final Duration GRACE = Duration.ofSeconds(5);
    private static final Duration TIMEOUT = Duration.ofMinutes(30);
    private static final int MOST = 8;
    private static final int USERS = 100;

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private long extraLag;
    private final SessionRegistry registry =
            new SessionRegistry(new SessionSettings(GRACE, MOST, TIMEOUT, null), time, () -> extraLag);
    private final List<ConsistencySession> written = new ArrayList<>();

    @AfterEach
    void disposeOfTime() {
        time.dispose();
    }

    @Test
    void shouldGiveAKeyItsSessionAgain() {
        ConsistencySession first = writing("ann");

        assertThat(session("ann")).isSameAs(first);
        assertThat(registry.within("ann", Flux.deferContextual(context -> Flux.just(ConsistencySession.from(context))))
                        .blockLast())
                .isSameAs(first);
        assertThat(session("bob")).isNotSameAs(first);
        assertThat(registry.counts().begun()).isEqualTo(2);
    }

    @Test
    void shouldKeepNoMoreThanItMay() {
        writeAsManyUsers();

        assertThat(registry.counts().idle()).isEqualTo(MOST);
        assertThat(registry.counts().evicted()).isEqualTo(USERS - MOST);
        assertThat(registry.counts().evictedEarly()).isEqualTo(USERS - MOST);
    }

    @Test
    void shouldForgetASessionThatNobodyUses() {
        ConsistencySession first = writing("ann");
        time.advanceTimeBy(TIMEOUT.minusNanos(1));
        assertThat(session("ann")).isSameAs(first);
        time.advanceTimeBy(TIMEOUT);

        assertThat(session("ann")).isNotSameAs(first);
        assertThat(registry.counts().expired()).isOne();
        assertThat(registry.counts().doubted()).isZero();
    }

    /** A forgotten session wrote something that a replica may not have yet. */
    @Test
    void shouldReadOnThePrimaryForTheGraceAfterASessionWasForgottenEarly() {
        writeAsManyUsers();
        time.advanceTimeBy(GRACE.minusSeconds(1));

        assertThat(secondSession().distrustsReplicasFor(now()))
                .isEqualTo(Duration.ofSeconds(1).toNanos());
        assertThat(registry.counts().doubted()).isOne();
    }

    @Test
    void shouldReadOnReplicasAfterTheGrace() {
        writeAsManyUsers();
        time.advanceTimeBy(GRACE);

        assertThat(secondSession().distrustsReplicasFor(now())).isZero();
        assertThat(registry.counts().doubted()).isZero();
    }

    @Test
    void shouldReadOnThePrimaryForLongerWhileReplicasMayBeFurtherBehind() {
        extraLag = Duration.ofSeconds(60).toNanos();
        writeAsManyUsers();
        time.advanceTimeBy(GRACE.plusSeconds(59));

        assertThat(secondSession().distrustsReplicasFor(now() - extraLag)).isPositive();
        extraLag = 0;
        assertThat(secondSession().distrustsReplicasFor(now())).isZero();
    }

    /** These keys have the same hash, so that one is doubted for another. */
    @Test
    void shouldDoubtNoneOnceMoreWhenReplicasFallBehindLater() {
        writing("Aa");
        writeAsManyUsers();
        assertThat(session("BB").distrustsReplicasFor(now())).isPositive();
        time.advanceTimeBy(GRACE);
        assertThat(session("C#").distrustsReplicasFor(now())).isZero();
        long doubted = registry.counts().doubted();
        extraLag = Duration.ofDays(1).toNanos();

        assertThat(session("D\u0004").distrustsReplicasFor(now() - extraLag)).isZero();
        assertThat(registry.counts().doubted()).isEqualTo(doubted);
    }

    @Test
    void shouldNotDoubtKeysOfWhichNoneWasForgotten() {
        writeAsManyUsers();
        long doubted = 0;
        for (int i = 0; i < 1_000; i++) {
            doubted += session("new" + i).distrustsReplicasFor(now()) > 0 ? 1 : 0;
        }

        // 100 of 1024 hashes are doubted at most.
        assertThat(doubted).isLessThan(200);
    }

    @Test
    void shouldNotCountASessionThatHadNothingToRemember() {
        for (int i = 0; i < USERS; i++) {
            session("user" + i);
        }

        assertThat(registry.counts().evicted()).isPositive();
        assertThat(registry.counts().evictedEarly()).isZero();
    }

    /** Else its next writes would be noted where nobody looks for them. */
    @Test
    void shouldKeepASessionWhileItIsAtWork() {
        List<ConsistencySession> seen = new ArrayList<>();
        Disposable working = registry.within("ann", Mono.deferContextual(context -> {
                    seen.add(ConsistencySession.from(context));
                    return Mono.never();
                }))
                .subscribe();
        writeAsManyUsers();
        time.advanceTimeBy(TIMEOUT.multipliedBy(2));

        assertThat(session("ann")).isSameAs(seen.get(0));
        assertThat(registry.counts().used()).isOne();
        working.dispose();
        assertThat(registry.counts().used()).isZero();
        assertThat(session("ann")).isSameAs(seen.get(0));
    }

    @Test
    void shouldGiveASessionBackAfterAnError() {
        Mono<Void> failing = registry.within("ann", Mono.error(new IllegalStateException("of the work")));

        assertThat(failing.onErrorComplete().blockOptional()).isEmpty();
        assertThat(registry.counts().used()).isZero();
        assertThat(registry.counts().idle()).isOne();
    }

    @Test
    void shouldTellLongKeysApart() {
        ConsistencySession first = writing("x".repeat(10_000) + 1);

        assertThat(session("x".repeat(10_000) + 1)).isSameAs(first);
        assertThat(session("x".repeat(10_000) + 2)).isNotSameAs(first);
    }

    /** Whatever is forgotten meanwhile, a key whose session wrote within the grace finds it, or reads on the primary. */
    @Test
    void shouldNeverForgetInSilence() {
        Random random = new Random(7);
        long[] wroteAt = new long[USERS];
        ConsistencySession[] wrote = new ConsistencySession[USERS];
        for (int i = 0; i < 20_000; i++) {
            time.advanceTimeBy(Duration.ofMillis(random.nextInt(100)));
            int user = random.nextInt(random.nextInt(USERS) + 1);
            ConsistencySession session = session("user" + user);
            boolean recent = wrote[user] != null && now() - wroteAt[user] < GRACE.toNanos();
            assertThat(!recent || session == wrote[user] || session.distrustsReplicasFor(now()) > 0)
                    .as("seed 7, step %d, user %d", i, user)
                    .isTrue();
            if (random.nextBoolean()) {
                wrote[user] = writing("user" + user);
                wroteAt[user] = now();
            }
        }
        assertThat(registry.counts().doubted()).isPositive();
    }

    @Test
    void shouldCountUsersOnManyThreads() {
        Flux.range(0, 20_000)
                .flatMap(i -> registry.within("user" + i % 20, Mono.just(i)).subscribeOn(Schedulers.parallel()), 64)
                .blockLast(Duration.ofSeconds(60));

        assertThat(registry.counts().used()).isZero();
        assertThat(registry.counts().idle()).isLessThanOrEqualTo(MOST);
    }

    private void writeAsManyUsers() {
        for (int i = 0; i < USERS; i++) {
            written.add(writing("user" + i));
        }
    }

    /** Returns the second session of a key whose first one was forgotten. */
    private ConsistencySession secondSession() {
        for (int i = 0; i < USERS; i++) {
            ConsistencySession session = session("user" + i);
            if (session != written.get(i)) {
                return session;
            }
        }
        throw new AssertionError("nothing was forgotten");
    }

    private ConsistencySession writing(String key) {
        ConsistencySession session = session(key);
        session.writeStarts().ended(1, now());
        return session;
    }

    private ConsistencySession session(String key) {
        return registry.within(key, Mono.deferContextual(context -> Mono.just(ConsistencySession.from(context))))
                .block();
    }

    private long now() {
        return time.now(TimeUnit.NANOSECONDS);
    }
}
