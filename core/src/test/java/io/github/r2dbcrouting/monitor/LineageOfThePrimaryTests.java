package io.github.r2dbcrouting.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.position.Branch;
import io.github.r2dbcrouting.position.Fate;
import io.github.r2dbcrouting.position.LogLineage;
import io.github.r2dbcrouting.position.LogPosition;
import io.github.r2dbcrouting.topology.NodeRole;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What snapshots tell of the primary's branch, and which replicas are on another one. */
class LineageOfThePrimaryTests {

    private final ScriptedCluster cluster = ScriptedCluster.started();

    @Test
    void shouldTellWhereTheBranchOfAPromotedReplicaBegan() {
        failOver();

        assertThat(cluster.monitor.current().epoch()).isEqualTo(2);
        assertThat(fate(1, 1000)).isEqualTo(Fate.KEPT);
        assertThat(fate(1, 1001)).isEqualTo(Fate.LOST);
        assertThat(Objects.requireNonNull(cluster.state("b").replication()).position())
                .as("which tells it from other second timelines")
                .isEqualTo(new LogPosition(new Branch(2, 1000L, null), 1100));
    }

    @Test
    void shouldConcludeBoundsWhereAPromotionIsWatched() {
        cluster.node("b").holding(1, 990);
        cluster.settle();
        cluster.node("a").hangs();
        cluster.node("c").follows("b").on(2);
        cluster.node("b").promoted(2).at(1100).lineage = LogLineage.of(2);
        cluster.settle();

        assertThat(fate(1, 990)).isEqualTo(Fate.KEPT);
        assertThat(fate(1, 1000)).isEqualTo(Fate.UNKNOWN);
        assertThat(fate(1, 1101)).isEqualTo(Fate.LOST);
    }

    @Test
    void shouldConcludeNothingOfAPromotionAcrossARestart() {
        cluster.node("b").holding(1, 990);
        cluster.settle();
        cluster.node("a").hangs();
        cluster.node("c").follows("b").on(2);
        cluster.node("b").restarted("b started 2").promoted(2).at(1100).lineage = LogLineage.of(2);
        cluster.settle();

        assertThat(fate(1, 990)).isEqualTo(Fate.UNKNOWN);
    }

    @Test
    void shouldKeepAReplicaOutThatHoldsWhatThePrimaryDoesNot() {
        failOver();
        cluster.node("a").answers().follows("b").detached().at(1200).holding(1, 1200);
        cluster.settle();

        assertThat(cluster.state("a").isUnfit()).isTrue();
        assertThat(Objects.requireNonNull(cluster.state("a").problem()))
                .hasToString("holds changes that the primary does not have: it had come to 0/4B0@1, and the primary has"
                        + " gone another way before that, needed the history of the primary, 1 to 0/3E8, then 2; copy it"
                        + " anew from the primary, or rewind it");
        assertThat(cluster.lag("a")).isNull();
        assertThat(cluster.state("c").isUsable()).isTrue();
    }

    @Test
    void shouldKeepItOutWhileThereIsNoPrimary() {
        failOver();
        cluster.node("a").answers().follows("b").detached().at(1200).holding(1, 1200);
        cluster.node("b").hangs();
        cluster.settle();

        assertThat(cluster.primary()).isNull();
        assertThat(cluster.state("a").isUnfit()).isTrue();
    }

    @Test
    void shouldUseItAgainOnceItIsACopyOfThePrimary() {
        failOver();
        cluster.node("a").answers().follows("b").holding(1, 1200);
        cluster.settle();
        cluster.node("a").restarted("a started 2").on(2).at(1100).holding(2, 1100);
        cluster.settle();

        assertThat(cluster.state("a").isUsable()).isTrue();
        assertThat(cluster.lag("a")).isNotNull();
    }

    /** What it held it holds, also where it does not tell so any more. */
    @Test
    void shouldRememberWhatAReplicaWasSeenToHold() {
        cluster.node("c").at(1200).holding(1, 1200);
        cluster.settle();
        cluster.node("c").detached().holding(1, 900);
        failOver();

        assertThat(cluster.state("c").isUnfit()).isTrue();
    }

    @Test
    void shouldCountANewEpochForANewBranchOfTheSameNode() {
        cluster.node("a").restarted("a started 2").promoted(2).begunAt(1000).at(1300);
        cluster.settle();

        assertThat(cluster.primary()).isEqualTo("a");
        assertThat(cluster.monitor.current().epoch()).isEqualTo(2);
        assertThat(fate(1, 1000)).isEqualTo(Fate.KEPT);
    }

    @Test
    void shouldTellTwoNodesApartThatBothBeganTheSecondTimelineAtOnePoint() {
        failOver();
        cluster.node("c").promoted(2).begunAt(1000).at(1100);
        cluster.settle();

        assertThat(cluster.primary()).isEqualTo("b");
        assertThat(fate(2, 1050)).as("of which of them is not known").isEqualTo(Fate.UNKNOWN);
        assertThat(Objects.requireNonNull(cluster.state("b").replication()).position())
                .isEqualTo(new LogPosition(new Branch(2, 1000L, "b"), 1100));

        cluster.node("a").answers().restarted("a started 2").follows("b").on(2).at(1100);
        cluster.node("c").follows("c").at(1100);
        cluster.settle();
        assertThat(cluster.state("a").role()).isEqualTo(NodeRole.REPLICA);
        assertThat(cluster.monitor.current().epoch()).isEqualTo(2);
        assertThat(cluster.lag("a")).as("of who follows the primary").isNotNull();
        assertThat(cluster.lag("c")).as("of who does not").isNull();
    }

    /** b was promoted at 1000 and is at 1100, and c follows it. */
    private void failOver() {
        cluster.node("a").hangs();
        cluster.node("b").promoted(2).begunAt(1000).at(1100);
        cluster.node("c").follows("b").on(2);
        cluster.advance(Duration.ofSeconds(10));
        assertThat(cluster.primary()).isEqualTo("b");
    }

    private Fate fate(long timeline, long lsn) {
        return cluster.monitor.current().lineage().fate(new LogPosition(Branch.ofTimeline(timeline), lsn));
    }
}
