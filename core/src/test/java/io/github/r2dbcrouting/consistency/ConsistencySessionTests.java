package io.github.r2dbcrouting.consistency;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.consistency.Consistency.Level;
import io.github.r2dbcrouting.consistency.Requirement.Kind;
import io.github.r2dbcrouting.position.Branch;
import io.github.r2dbcrouting.position.Lineage;
import io.github.r2dbcrouting.position.LogPosition;
import io.github.r2dbcrouting.position.PositionBound;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Replication;
import io.github.r2dbcrouting.topology.ReplicationLink;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.test.scheduler.VirtualTimeScheduler;
import reactor.util.context.Context;

/** What a session asks of its next read, after all that it may have done before. */
class ConsistencySessionTests {

    private static final NodeId REPLICA = new NodeId("r1");

    private final ConsistencySession session = ConsistencySession.create();

    @ParameterizedTest
    @EnumSource
    void shouldAskNothingWhileNothingHappened(Level level) {
        assertThat(session.requirement(level, primaryAt(1, 100, 500), 0)).isEqualTo(Requirement.NONE);
    }

    @ParameterizedTest
    @EnumSource(names = {"EVENTUAL", "BOUNDED", "STRONG"})
    void shouldAskNothingAtLevelsThatKnowNoSession(Level level) {
        shown();

        assertThat(session.requirement(level, primaryAt(1, 100, 500), 0)).isEqualTo(Requirement.NONE);
    }

    /** The rows of an INSERT … RETURNING arrive before its commit. */
    @Test
    void shouldDrawItsLotOnce() {
        ConsistencySession session = ConsistencySession.create();
        assertThat(session.lot(() -> 42)).isEqualTo(42);
        assertThat(session.lot(() -> 7)).isEqualTo(42);
        assertThat(ConsistencySession.create().lot(() -> 7)).isEqualTo(7);
    }

    @Test
    void shouldBeDirtyFromJustBeforeAWriteIsSentAndAskForItFromItsFirstRowOn() {
        ConsistencySession.Write write = session.writeStarts();
        assertThat(session.isUnresolved()).isTrue();
        assertThat(kind(primaryAt(1, 100, 500))).as("nobody can know of it").isEqualTo(Kind.NONE);

        write.shown();
        assertThat(kind(primaryAt(1, 100, 500))).isEqualTo(Kind.WRITING);
    }

    /** It may take effect at any time. */
    @Test
    void shouldAskForAWriteWhoseUserHasGone() {
        session.writeStarts().abandoned();

        assertThat(kind(primaryAt(1, 100, 500))).isEqualTo(Kind.WRITING);
        assertThat(session.readPoint(Level.READ_YOUR_WRITES).followsAWrite())
                .as("nobody waits for it")
                .isFalse();
    }

    @Test
    void shouldWaitForAWriteOfWhichARowWasShownThoughItsUserHasTakenNoMore() {
        ConsistencySession.Write write = session.writeStarts();
        write.shown();
        write.abandoned();
        assertThat(session.readPoint(Level.READ_YOUR_WRITES).followsAWrite()).isTrue();

        write.outcomeUnknown();
        assertThat(session.readPoint(Level.READ_YOUR_WRITES).followsAWrite()).isFalse();
        assertThat(kind(primaryAt(1, 100, 500))).isEqualTo(Kind.WRITING);
    }

    /** Whoever shares a session with strangers is not held up by what they leave unfinished. */
    @Test
    void shouldWaitOnceForAWriteOfStrangersAndNotForOneThatWasAbandoned() {
        ConsistencySession shared = ConsistencySession.createShared();
        shared.writeStarts().abandoned();
        assertThat(shared.requirement(Level.READ_YOUR_WRITES, primaryAt(1, 100, 500), 0)
                        .kind())
                .isEqualTo(Kind.NONE);
        shared.writeStarts().shown();
        ReadPoint point = shared.readPoint(Level.READ_YOUR_WRITES);
        assertThat(point.followsAWrite()).isTrue();
        VirtualTimeScheduler time = VirtualTimeScheduler.create();
        point.whenWritten(Duration.ofMillis(50), time).subscribe();
        time.advanceTimeBy(Duration.ofMillis(50));
        time.dispose();

        assertThat(shared.requirement(Level.READ_YOUR_WRITES, primaryAt(1, 100, 500), 0)
                        .kind())
                .isEqualTo(Kind.NONE);
    }

    @Test
    void shouldAskOfAReadForNothingThatCameAfterItsBeginning() {
        session.writeStarts().ended(1, 200);
        ReadPoint point = session.readPoint(Level.READ_YOUR_WRITES);
        session.writeStarts().shown();
        session.written(1, 900);

        assertThat(point.requirement(primaryAt(1, 201, 600), 0))
                .isEqualTo(new Requirement(Kind.COVERED, at(600), null, null));
        assertThat(point.requirement(primaryAt(1, 300, 800), 0).bound())
                .as("what was resolved stays")
                .isEqualTo(at(600));
    }

    @Test
    void shouldAskOfAReadForTheWritesThatWereUnderWayAtItsBeginning() {
        ConsistencySession.Write write = session.writeStarts();
        write.shown();
        ReadPoint point = session.readPoint(Level.READ_YOUR_WRITES);
        assertThat(point.requirement(primaryAt(1, 100, 500), 0).kind()).isEqualTo(Kind.WRITING);
        write.ended(1, 200);

        assertThat(point.requirement(primaryAt(1, 150, 550), 0).kind()).isEqualTo(Kind.FENCED);
        assertThat(point.requirement(primaryAt(1, 201, 600), 0).bound()).isEqualTo(at(600));
    }

    @Test
    void shouldWaitForTheEndOfShownWritesUpToALimit() {
        VirtualTimeScheduler time = VirtualTimeScheduler.create();
        ConsistencySession.Write one = session.writeStarts();
        one.shown();
        ReadPoint point = session.readPoint(Level.READ_YOUR_WRITES);
        AtomicInteger over = new AtomicInteger();
        point.whenWritten(Duration.ofSeconds(1), time).subscribe(null, null, over::incrementAndGet);
        time.advanceTimeBy(Duration.ofMillis(999));
        assertThat(over).hasValue(0);
        time.advanceTimeBy(Duration.ofMillis(1));

        assertThat(over).hasValue(1);
        assertThat(session.readPoint(Level.READ_YOUR_WRITES).followsAWrite())
                .as("nobody waits for it again")
                .isFalse();
        ConsistencySession.Write other = session.writeStarts();
        other.shown();
        session.readPoint(Level.READ_YOUR_WRITES)
                .whenWritten(Duration.ofSeconds(1), time)
                .subscribe(null, null, over::incrementAndGet);
        other.ended(1, 200);
        assertThat(over).hasValue(2);
        time.dispose();
    }

    @Test
    void shouldAskForEverythingThatWasCommittedBeforeAStrongRead() {
        ReadPoint point = ReadPoint.ofEverythingBefore(1, 200);

        assertThat(point.requirement(primaryAt(1, 200, 500), 0).kind())
                .as("asked before it began")
                .isEqualTo(Kind.FENCED);
        assertThat(point.requirement(primaryAt(1, 201, 600), 0))
                .isEqualTo(new Requirement(Kind.COVERED, at(600), null, null));
    }

    @Test
    void shouldLeaveAFenceBehindAWrite() {
        session.writeStarts().ended(1, 200);

        assertThat(kind(primaryAt(1, 100, 500))).isEqualTo(Kind.FENCED);
    }

    @Test
    void shouldResolveAFenceByASampleThatWasAskedForAfterwards() {
        session.writeStarts().ended(1, 200);

        assertThat(kind(primaryAt(1, 200, 600)))
                .as("asked for at the same moment")
                .isEqualTo(Kind.FENCED);
        assertThat(session.requirement(Level.READ_YOUR_WRITES, primaryAt(1, 201, 700), 0))
                .isEqualTo(new Requirement(Kind.COVERED, at(700), null, null));
        assertThat(session.isUnresolved()).isFalse();
        assertThat(session.bound()).isEqualTo(at(700));
    }

    @Test
    void shouldRememberWhatItKnowsWhenThereIsNoPrimary() {
        session.writeStarts().ended(1, 200);
        session.requirement(Level.READ_YOUR_WRITES, primaryAt(1, 300, 700), 0);

        assertThat(session.requirement(Level.READ_YOUR_WRITES, noPrimary(1), 0).bound())
                .isEqualTo(at(700));
    }

    @Test
    void shouldBeWritingUntilTheLastOfSeveralWritesHasEnded() {
        ConsistencySession.Write one = shown();
        ConsistencySession.Write other = shown();
        other.ended(1, 200);
        assertThat(kind(primaryAt(1, 300, 700))).isEqualTo(Kind.WRITING);
        one.ended(1, 400);

        assertThat(kind(primaryAt(1, 300, 700))).isEqualTo(Kind.FENCED);
        assertThat(kind(primaryAt(1, 401, 800))).isEqualTo(Kind.COVERED);
    }

    @Test
    void shouldKeepTheLatestOfFencesThatEndOutOfOrder() {
        ConsistencySession.Write one = session.writeStarts();
        session.writeStarts().ended(1, 500);
        one.ended(1, 400);

        assertThat(kind(primaryAt(1, 450, 800))).isEqualTo(Kind.FENCED);
    }

    @Test
    void shouldCountTheEndOfAWriteOnce() {
        ConsistencySession.Write write = session.writeStarts();
        shown();
        write.ended(1, 200);
        write.ended(1, 300);
        write.unsent();

        assertThat(kind(primaryAt(1, 900, 800)))
                .as("the other is still under way")
                .isEqualTo(Kind.WRITING);
    }

    @Test
    void shouldForgetAWriteThatWasNeverSent() {
        session.writeStarts().unsent();

        assertThat(session.requirement(Level.READ_YOUR_WRITES, primaryAt(1, 100, 500), 0))
                .isEqualTo(Requirement.NONE);
    }

    /** The answer of a new primary may be less than what the old one had acknowledged. */
    @Test
    void shouldSayOnceThatAWriteIsPossiblyLostWhenItsPrimaryWasReplaced() {
        session.writeStarts().ended(1, 200);

        Requirement first = session.requirement(Level.READ_YOUR_WRITES, primaryAt(2, 300, 480), 0);
        Requirement second = session.requirement(Level.READ_YOUR_WRITES, primaryAt(2, 400, 490), 0);

        assertThat(first)
                .isEqualTo(new Requirement(
                        Kind.COVERED,
                        at(480),
                        null,
                        new Loss(false, PositionBound.NONE, 2, new NodeId("p"), Lineage.UNKNOWN)));
        assertThat(second.loss()).isNull();
        assertThat(second.bound()).isEqualTo(at(480));
    }

    @Test
    void shouldNotResolveAFenceFromAnOlderEpoch() {
        session.writeStarts().ended(2, 200);

        assertThat(kind(primaryAt(1, 300, 700))).isEqualTo(Kind.FENCED);
    }

    @Test
    void shouldTakeAReadOnThePrimaryForOneThatMayHaveWritten() {
        session.written(1, 200);

        assertThat(kind(primaryAt(1, 100, 500))).isEqualTo(Kind.FENCED);
    }

    @Test
    void shouldNotAskForWhatWasReadWhenOnlyWritesCount() {
        session.readOnReplica(REPLICA, 1, 1, 200);

        assertThat(session.requirement(Level.READ_YOUR_WRITES, primaryAt(1, 100, 500), 0))
                .isEqualTo(new Requirement(Kind.NONE, PositionBound.NONE, null, null));
    }

    /** The primary, too, may be behind what a replica has shown. */
    @Test
    void shouldStayOnTheReplicaOfTheLastReadUntilItIsKnownWhatThatSaw() {
        session.readOnReplica(REPLICA, 1, 1, 200);

        Requirement before = session.requirement(Level.SESSION, primaryAt(1, 100, 500), 0);
        Requirement after = session.requirement(Level.SESSION, primaryAt(1, 201, 600), 0);

        assertThat(before).isEqualTo(new Requirement(Kind.FENCED, PositionBound.NONE, REPLICA, null));
        assertThat(after).isEqualTo(new Requirement(Kind.COVERED, at(600), null, null));
    }

    /** Neither need show what the other has shown. */
    @Test
    void shouldStayNowhereWhenTwoReplicasWereReadBeforeItIsKnownWhatTheySaw() {
        session.readOnReplica(REPLICA, 1, 1, 200);
        session.readOnReplica(new NodeId("r2"), 1, 1, 201);
        assertThat(session.requirement(Level.SESSION, primaryAt(1, 100, 500), 0))
                .isEqualTo(new Requirement(Kind.FENCED, PositionBound.NONE, null, null));

        session.readOnReplica(REPLICA, 1, 1, 202);
        assertThat(session.requirement(Level.SESSION, primaryAt(1, 100, 500), 0).lastRead())
                .isNull();
    }

    /** It may have crashed and come back older. */
    @Test
    void shouldNotStayOnAReplicaThatBeganAnotherLife() {
        session.readOnReplica(REPLICA, 7, 1, 200);

        assertThat(session.requirement(Level.SESSION, primaryAt(1, 100, 500), 0).lastRead())
                .isNull();
    }

    @Test
    void shouldNotStayOnAReplicaThatNeedNotHaveTheSessionsWrites() {
        session.readOnReplica(REPLICA, 1, 1, 200);
        session.writeStarts().ended(1, 300);

        assertThat(session.requirement(Level.SESSION, primaryAt(1, 100, 500), 0).lastRead())
                .isNull();
    }

    @Test
    void shouldAskForWhatATokenSays() {
        session.include(new SessionToken(1, at(900), false, Instant.EPOCH));

        assertThat(session.requirement(Level.READ_YOUR_WRITES, primaryAt(1, 100, 500), 0))
                .isEqualTo(new Requirement(Kind.COVERED, at(900), null, null));
    }

    @Test
    void shouldAskForThePrimaryWhenMoreIsNeededThanIsKnown() {
        session.include(new SessionToken(1, PositionBound.LOST, true, Instant.EPOCH));

        assertThat(kind(primaryAt(1, 100, 500))).isEqualTo(Kind.PRIMARY);
    }

    @Test
    void shouldDistrustReplicasForAsLongAsItWasTold() {
        session.distrustReplicasUntil(1_000);

        assertThat(session.requirement(Level.READ_YOUR_WRITES, primaryAt(1, 100, 500), 999))
                .isEqualTo(Requirement.PRIMARY);
        assertThat(session.requirement(Level.READ_YOUR_WRITES, primaryAt(1, 100, 500), 1_000)
                        .kind())
                .isEqualTo(Kind.NONE);
    }

    @Test
    void shouldTravelInTheContext() {
        assertThat(ConsistencySession.from(Context.empty())).isNull();
        assertThat(ConsistencySession.from(Context.of(ConsistencySession.CONTEXT_KEY, session)))
                .isSameAs(session);
    }

    @Test
    void shouldLoseNoWriteOfManyThreads() throws Exception {
        int threads = 4;
        int writes = 20_000;
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            CountDownLatch start = new CountDownLatch(1);
            List<Future<?>> running = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                long offset = thread;
                running.add(executor.submit(() -> {
                    start.await();
                    for (int i = 0; i < writes; i++) {
                        session.writeStarts().ended(1, 1 + i * threads + offset);
                        session.requirement(Level.SESSION, primaryAt(1, i, i), 0);
                    }
                    return null;
                }));
            }
            start.countDown();
            for (Future<?> each : running) {
                each.get(60, TimeUnit.SECONDS);
            }
        } finally {
            executor.shutdownNow();
        }
        long last = (long) threads * writes;
        assertThat(kind(primaryAt(1, last, 500))).as("nothing is under way").isEqualTo(Kind.FENCED);
        assertThat(kind(primaryAt(1, last + 1, 500))).isEqualTo(Kind.COVERED);
    }

    private ConsistencySession.Write shown() {
        ConsistencySession.Write write = session.writeStarts();
        write.shown();
        return write;
    }

    private Kind kind(Topology topology) {
        return session.requirement(Level.READ_YOUR_WRITES, topology, 0).kind();
    }

    private static PositionBound at(long lsn) {
        return PositionBound.of(new LogPosition(Branch.ofTimeline(1), lsn));
    }

    private static Topology primaryAt(long epoch, long sampledAt, long lsn) {
        NodeState primary = node("p", NodeRole.PRIMARY, sampledAt, lsn);
        return new Topology(epoch, List.of(primary, node("r1", NodeRole.REPLICA, sampledAt, 0)), primary, null);
    }

    private static Topology noPrimary(long epoch) {
        return new Topology(epoch, List.of(node("r1", NodeRole.REPLICA, 0, 0)), null, null);
    }

    private static NodeState node(String name, NodeRole role, long sampledAt, long lsn) {
        return new NodeState(
                new NodeSettings(new NodeId(name), "localhost", 5432),
                role,
                NodeHealth.HEALTHY,
                0,
                1,
                null,
                new Replication(
                        new LogPosition(Branch.ofTimeline(1), lsn),
                        sampledAt,
                        Duration.ZERO,
                        Duration.ZERO,
                        ReplicationLink.UNKNOWN),
                null);
    }
}
