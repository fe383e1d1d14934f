package io.github.r2dbcrouting.consistency;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.consistency.Consistency.Level;
import io.github.r2dbcrouting.consistency.Requirement.Kind;
import io.github.r2dbcrouting.position.Branch;
import io.github.r2dbcrouting.position.Coverage;
import io.github.r2dbcrouting.position.GtidLineage;
import io.github.r2dbcrouting.position.Lineage;
import io.github.r2dbcrouting.position.LogLineage;
import io.github.r2dbcrouting.position.LogPosition;
import io.github.r2dbcrouting.position.MariaDbGtidPosition;
import io.github.r2dbcrouting.position.PositionBound;
import io.github.r2dbcrouting.position.ReplicationPosition;
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
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a session asks for after a failover, and what it is told. */
class FailedOverSessionTests {

    /** Timeline 2 left timeline 1 at 400. */
    private static final Lineage SECOND = LogLineage.of(2).beginning(400);

    private final ConsistencySession session = ConsistencySession.create();

    @Test
    void shouldGoOnAsIfNothingHadHappenedWithWhatSurvived() {
        seen(at(1, 400));

        Requirement asked = ask(primary(2, SECOND, at(2, 900)));
        assertThat(asked).isEqualTo(new Requirement(Kind.COVERED, bound(at(1, 400)), null, null));
    }

    @Test
    void shouldSayOnceWhatWasLostAndGoOnFromWhatThePrimaryShows() {
        seen(at(1, 500));

        Requirement first = ask(primary(2, SECOND, at(2, 900)));
        assertThat(first.bound()).isEqualTo(bound(at(2, 900)));
        assertThat(first.loss()).isEqualTo(new Loss(true, bound(at(1, 500)), 2, new NodeId("p"), SECOND));
        assertThat(first.loss())
                .hasToString(
                        "what a session has seen up to 0/1F4@1 is lost: the primary is p, epoch 2, its history 1 to"
                                + " 0/190, then 2");
        Requirement second = ask(primary(2, SECOND, at(2, 950)));
        assertThat(second).isEqualTo(new Requirement(Kind.COVERED, bound(at(2, 900)), null, null));
    }

    @Test
    void shouldSayThatItIsNotKnownAndGoOnAllTheSame() {
        seen(at(1, 500));

        Requirement asked = ask(primary(2, LogLineage.of(2), at(2, 900)));
        assertThat(asked.kind()).isEqualTo(Kind.COVERED);
        assertThat(asked.bound()).isEqualTo(bound(at(2, 900)));
        assertThat(asked.loss()).isNotNull();
        assertThat(asked.loss().certain()).isFalse();
    }

    /** Its answer may be less than what the old one had acknowledged, and looks like more. */
    @Test
    void shouldNotTakeAFenceForResolvedByAnotherEpoch() {
        session.writeStarts().ended(1, 50);

        Requirement asked = ask(primary(2, SECOND, at(2, 300)));
        assertThat(asked.bound()).isEqualTo(bound(at(2, 300)));
        assertThat(asked.loss()).isEqualTo(new Loss(false, PositionBound.NONE, 2, new NodeId("p"), SECOND));
        assertThat(ask(primary(2, SECOND, at(2, 310))).loss()).isNull();
    }

    @Test
    void shouldWaitForABranchThatOthersHaveSeenAlready() {
        seen(at(3, 500));

        Requirement asked = ask(primary(2, SECOND, at(2, 900)));
        assertThat(asked).isEqualTo(new Requirement(Kind.COVERED, bound(at(3, 500)), null, null));
        Lineage third = LogLineage.of(3).beginning(700).after(SECOND);
        assertThat(ask(primary(3, third, at(3, 950))).loss()).isNull();
    }

    @Test
    void shouldAskForEachTokenAnew() {
        seen(at(1, 100));
        ask(primary(2, SECOND, at(2, 900)));
        seen(at(1, 500));

        assertThat(ask(primary(2, SECOND, at(2, 950))).loss()).isNotNull();
    }

    @Test
    void shouldOutliveManyFailoversWithoutForgettingOrGivingUp() {
        Lineage lineage = LogLineage.of(1);
        for (long timeline = 1; timeline < 8; timeline++) {
            long place = 1000 * timeline;
            session.writeStarts().ended(timeline, place);
            Requirement asked = ask(primary(timeline, lineage, place + 1, lineage.stamped(at(timeline, place + 100))));
            assertThat(asked.kind()).isEqualTo(Kind.COVERED);
            assertThat(asked.loss()).isNull();
            assertThat(asked.bound().coveredBy(at(timeline, place + 100), lineage))
                    .isEqualTo(Coverage.YES);
            assertThat(asked.bound().coveredBy(at(timeline, place + 99), lineage))
                    .isEqualTo(Coverage.NO);
            lineage = LogLineage.of(timeline + 1)
                    .beginning(place + 500)
                    .risenFrom(at(timeline, place + 400), at(timeline + 1, place + 600))
                    .after(lineage);
        }
    }

    @Test
    void shouldTellALostTransactionOfMariadbFromALaterNumber() {
        seen(gtids("0-1-100"));
        Lineage lineage = GtidLineage.of(2, gtids("0-1-95"), gtids("0-2-105"));

        Requirement asked = ask(primary(2, lineage, gtids("0-2-105")));
        assertThat(asked.bound()).isEqualTo(bound(gtids("0-2-105")));
        assertThat(asked.loss()).isNotNull();
        assertThat(asked.loss().certain()).isTrue();
    }

    @Test
    void shouldKeepALossUntilItIsAskedFor() {
        seen(at(1, 500));
        session.learn(primary(2, SECOND, at(2, 900)));

        assertThat(session.bound()).isEqualTo(bound(at(2, 900)));
        assertThat(ask(primary(2, SECOND, at(2, 900))).loss()).isNotNull();
    }

    @Test
    void shouldSayALossToAReadThatWaits() {
        seen(at(1, 500));
        ReadPoint point = session.readPoint(Level.READ_YOUR_WRITES);

        assertThat(point.requirement(primary(2, SECOND, at(2, 900)), 0).loss()).isNotNull();
        assertThat(point.requirement(primary(2, SECOND, at(2, 900)), 0).loss()).isNull();
        assertThat(ask(primary(2, SECOND, at(2, 900))).loss()).isNull();
    }

    private void seen(ReplicationPosition position) {
        session.include(new SessionToken(1, bound(position), null, Instant.EPOCH));
    }

    private Requirement ask(Topology topology) {
        return session.requirement(Level.READ_YOUR_WRITES, topology, 0);
    }

    private static PositionBound bound(ReplicationPosition position) {
        return PositionBound.of(position);
    }

    private static LogPosition at(long timeline, long lsn) {
        return new LogPosition(Branch.ofTimeline(timeline), lsn);
    }

    private static MariaDbGtidPosition gtids(String text) {
        return MariaDbGtidPosition.parse(text);
    }

    private static Topology primary(long epoch, Lineage lineage, ReplicationPosition position) {
        return primary(epoch, lineage, 100, position);
    }

    private static Topology primary(long epoch, Lineage lineage, long sampledAt, ReplicationPosition position) {
        NodeState primary = new NodeState(
                new NodeSettings(new NodeId("p"), "localhost", 5432),
                NodeRole.PRIMARY,
                NodeHealth.HEALTHY,
                0,
                1,
                null,
                new Replication(position, sampledAt, Duration.ZERO, Duration.ZERO, ReplicationLink.UNKNOWN),
                null);
        return new Topology(epoch, List.of(primary), primary, null, lineage);
    }
}
