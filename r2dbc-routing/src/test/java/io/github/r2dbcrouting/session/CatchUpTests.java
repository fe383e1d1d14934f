package io.github.r2dbcrouting.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.balancing.LoadBalancer;
import io.github.r2dbcrouting.consistency.Consistency.Level;
import io.github.r2dbcrouting.consistency.ConsistencySession;
import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.selection.RouteDecision;
import io.github.r2dbcrouting.selection.RouteRequest;
import io.github.r2dbcrouting.selection.Router;
import io.github.r2dbcrouting.selection.RoutingHints;
import io.github.r2dbcrouting.selection.SelectionSettings;
import io.github.r2dbcrouting.settings.ConsistencySettings;
import io.github.r2dbcrouting.sql.StatementProfile.Access;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Reads that must see what their session has seen: when they wait, for what, and when they do not. */
class CatchUpTests {

    private static final Duration PATIENCE = Duration.ofMillis(50);
    private static final Duration WRITE_LIMIT = Duration.ofSeconds(5);

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private long extraLag;
    private final ScriptedSamples samples = new ScriptedSamples(time);
    private final CatchUp catchUp = catchUp(SelectionSettings.defaults());
    private final ConsistencySession session = ConsistencySession.create();
    private final List<RouteDecision> decisions = new ArrayList<>();

    @AfterEach
    void disposeOfTime() {
        time.dispose();
    }

    @Test
    void shouldTrustReplicasLaterTheFurtherTheyMayBeBehind() {
        samples.show(primary(100), replica("r1", 100));
        session.distrustReplicasUntil(now() + 1_000);
        assertThat(atOnce()).isEqualTo("p");
        time.advanceTimeBy(Duration.ofNanos(1_000));
        assertThat(atOnce()).isEqualTo("r1");
        extraLag = 1;
        assertThat(atOnce()).isEqualTo("p");
    }

    @Test
    void shouldDecideAtOnceWhileTheSessionHasSeenNothing() {
        samples.show(primary(100), replica("r1", 0));

        assertThat(atOnce()).isEqualTo("r1");
        assertThat(samples.asked).isEmpty();
    }

    @Test
    void shouldDecideAtOnceWhereAReplicaIsKnownToShowTheWrite() {
        write();
        samples.show(primary(100), replica("r1", 99), replica("r2", 100));

        assertThat(atOnce()).isEqualTo("r2");
        assertThat(atOnce()).isEqualTo("r2");
        assertThat(samples.asked).isEmpty();
    }

    @Test
    void shouldSampleThePrimaryAndWaitForAReplicaAfterAWrite() {
        samples.show(primary(100), replica("r1", 100));
        write();
        assertThat(atOnce()).as("the samples are older than the write").isNull();

        await();
        assertThat(samples.asked).containsExactly("p", "r1");
        samples.show(primary(200), replica("r1", 150));
        assertThat(decided()).isEmpty();
        samples.show(primary(200), replica("r1", 200));

        assertThat(decided()).containsExactly("r1");
        assertThat(samples.asked)
                .as("who may show more was asked again with each snapshot that was not enough")
                .containsExactly("p", "r1", "r1");
    }

    @Test
    void shouldWaitForTheEndOfAWriteThatIsUnderWay() {
        ConsistencySession.Write write = session.writeStarts();
        write.shown();
        samples.show(primary(100), replica("r1", 100));
        await();
        samples.show(primary(200), replica("r1", 200));
        assertThat(decided()).isEmpty();

        write.ended(1, now());
        time.advanceTimeBy(Duration.ofMillis(1));
        samples.show(primary(300), replica("r1", 300));

        assertThat(decided()).containsExactly("r1");
    }

    @Test
    void shouldGoToThePrimaryWhenItsPatienceIsOver() {
        samples.show(primary(100), replica("r1", 100));
        write();
        await();
        time.advanceTimeBy(PATIENCE.minusMillis(1));
        assertThat(decided()).isEmpty();
        time.advanceTimeBy(Duration.ofMillis(1));

        assertThat(decided()).containsExactly("p");
        assertThat(decisions.get(0).reason()).isEqualTo("no eligible replica has covered the required position");
        assertThat(samples.subscribers()).isZero();
    }

    @Test
    void shouldNotWaitForReplicasThatWereFoundToTakeTooLong() {
        samples.show(primary(100), replica("r1", 100));
        int atOnce = 0;
        for (int i = 0; i < 20; i++) {
            write();
            int before = decisions.size();
            await();
            atOnce += decided().size() - before;
            time.advanceTimeBy(PATIENCE);
        }

        assertThat(atOnce).as("of twenty reads").isGreaterThanOrEqualTo(10);
        assertThat(decided()).hasSize(20).containsOnly("p");
    }

    @Test
    void shouldGoOnWaitingAfterASingleReadThatHasWaitedInVain() {
        samples.show(primary(100), replica("r1", 100));
        write();
        await();
        time.advanceTimeBy(PATIENCE);
        await();

        assertThat(decided()).as("the second one waits").hasSize(1);
    }

    @Test
    void shouldTryReplicasAgainThatWereLateSomeTimeAgo() {
        samples.show(primary(100), replica("r1", 100));
        for (int i = 0; i < 20; i++) {
            write();
            await();
            time.advanceTimeBy(PATIENCE);
        }
        time.advanceTimeBy(Duration.ofSeconds(3));
        int before = decisions.size();
        await();
        assertThat(decided()).as("it waits").hasSize(before);
    }

    @Test
    void shouldNotWaitWhereNoReplicaWouldServeTheReadAnyway() {
        write();
        samples.show(primary(100), samples.replica("r1", 0, Duration.ofMinutes(1)));

        assertThat(atOnce()).isEqualTo("p");
    }

    @Test
    void shouldStayOnTheReplicaOfTheLastRead() {
        samples.show(primary(100), replica("r1", 90), replica("r2", 95));
        session.readOnReplica(new NodeId("r1"), 1, 1, now());

        for (int i = 0; i < 4; i++) {
            RouteDecision decision = catchUp.decide(session, Level.SESSION, RouteRequest.READ);
            assertThat(decision.node().id().name()).isEqualTo("r1");
        }
    }

    @Test
    void shouldBeServedByAnotherReplicaOnceWhatWasReadIsKnown() {
        samples.show(primary(100), replica("r1", 90), replica("r2", 95));
        session.readOnReplica(new NodeId("r1"), 1, 1, now());
        time.advanceTimeBy(Duration.ofMillis(1));
        samples.show(primary(100), replica("r2", 100));

        assertThat(catchUp.decide(session, Level.SESSION, RouteRequest.READ)
                        .node()
                        .id()
                        .name())
                .isEqualTo("r2");
    }

    @Test
    void shouldWaitForACoveringReplicaWhileThereIsNoPrimary() {
        samples.show(primary(100), replica("r1", 90));
        write();
        time.advanceTimeBy(Duration.ofMillis(1));
        samples.show(primary(100), replica("r1", 90));
        atOnce();
        samples.show(replica("r1", 90));
        await();
        assertThat(decided()).isEmpty();
        samples.show(replica("r1", 100));

        assertThat(decided()).containsExactly("r1");
    }

    @Test
    void shouldRefuseWhatNobodyShowsWhileThereIsNoPrimary() {
        samples.show(primary(100), replica("r1", 90));
        write();
        time.advanceTimeBy(Duration.ofMillis(1));
        samples.show(primary(100), replica("r1", 90));
        atOnce();
        samples.show(replica("r1", 90));
        await();
        time.advanceTimeBy(PATIENCE);

        assertThat(decisions)
                .singleElement()
                .satisfies(decision -> assertThat(decision.node()).isNull());
    }

    @Test
    void shouldStopWaitingWhenItIsCancelled() {
        samples.show(primary(100), replica("r1", 100));
        write();
        Disposable waiting = await();
        waiting.dispose();

        assertThat(samples.subscribers()).isZero();
        time.advanceTimeBy(PATIENCE);
        assertThat(decisions).isEmpty();
    }

    /** As one that calls a function of which nothing is known. */
    @Test
    void shouldWaitForAReplicaWhereHintsSendThereWhatIsNotSurelyARead() {
        RouteRequest hinted = new RouteRequest(Access.UNKNOWN, RoutingHints.of(NodeRole.REPLICA), null, null, Set.of());
        samples.show(primary(100), replica("r1", 100));
        write();
        catchUp.await(session, Level.READ_YOUR_WRITES, hinted).subscribe(decisions::add);
        samples.show(primary(200), replica("r1", 150));
        assertThat(decided()).isEmpty();
        samples.show(primary(200), replica("r1", 200));
        assertThat(decided()).containsExactly("r1");
    }

    @Test
    void shouldTakeOneTurnForEachReadThatWaits() {
        CatchUp inTurn = catchUp(SelectionSettings.defaults().balancedBy(LoadBalancer.roundRobin()));
        samples.show(primary(0), replica("r1", 0), replica("r2", 0));
        for (int position = 100; position <= 400; position += 100) {
            write();
            inTurn.await(session, Level.READ_YOUR_WRITES, RouteRequest.READ).subscribe(decisions::add);
            samples.show(primary(position), replica("r1", position - 50), replica("r2", position - 50));
            samples.show(primary(position), replica("r1", position), replica("r2", position));
            time.advanceTimeBy(Duration.ZERO);
        }

        assertThat(decided()).containsExactly("r1", "r2", "r1", "r2");
    }

    private CatchUp catchUp(SelectionSettings settings) {
        return new CatchUp(
                samples,
                Router.of(settings, BranchHistory.unknown(), () -> 0),
                false,
                ConsistencySettings.defaults(),
                WRITE_LIMIT,
                time,
                () -> extraLag);
    }

    private void write() {
        session.writeStarts().ended(1, now());
        time.advanceTimeBy(Duration.ofNanos(1));
    }

    private String atOnce() {
        RouteDecision decision = catchUp.decide(session, Level.READ_YOUR_WRITES, RouteRequest.READ);
        return decision == null ? null : decision.node().id().name();
    }

    private Disposable await() {
        return catchUp.await(session, Level.READ_YOUR_WRITES, RouteRequest.READ).subscribe(decisions::add);
    }

    private List<String> decided() {
        time.advanceTimeBy(Duration.ZERO);
        return decisions.stream().map(decision -> decision.node().id().name()).toList();
    }

    private long now() {
        return samples.now();
    }

    private NodeState primary(long lsn) {
        return samples.primary(lsn);
    }

    private NodeState replica(String name, long lsn) {
        return samples.replica(name, lsn);
    }
}
