package io.github.r2dbcrouting.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.ReplicationLink;
import io.github.r2dbcrouting.topology.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class PrimaryElectionTests {

    private final List<String> alarms = new ArrayList<>();
    private final List<Long> epochs = new ArrayList<>();

    private ScriptedCluster watch(ScriptedCluster cluster) {
        cluster.monitor
                .topology()
                .filter(topology -> topology.alarm() != null)
                .map(topology -> Objects.requireNonNull(topology.alarm()))
                .distinctUntilChanged()
                .subscribe(alarms::add);
        cluster.monitor.topology().map(Topology::epoch).distinctUntilChanged().subscribe(epochs::add);
        return cluster;
    }

    private ScriptedCluster of(String... names) {
        return watch(new ScriptedCluster(names));
    }

    private ScriptedCluster started() {
        ScriptedCluster cluster = watch(ScriptedCluster.started());
        cluster.settle();
        return cluster;
    }

    private static void run(ScriptedCluster cluster) {
        cluster.monitor.start();
        cluster.settle();
    }

    @Test
    void shouldFollowAnOutsidePromotionAfterTheLossOfThePrimary() {
        ScriptedCluster cluster = started();
        cluster.node("a").refuses("connection refused");
        cluster.node("b").detached();
        cluster.node("c").detached();
        cluster.settle();
        assertThat(cluster.primary()).isNull();
        assertThat(cluster.state("a").role()).as("the last one observed").isEqualTo(NodeRole.PRIMARY);

        cluster.node("b").promoted(2);
        cluster.settle();
        assertThat(cluster.primary()).isEqualTo("b");
        assertThat(cluster.monitor.current().epoch()).isEqualTo(2);
        assertThat(alarms).isEmpty();
    }

    @Test
    void shouldFollowAPromotionThoughNoLinkCanBeSeen() {
        ScriptedCluster cluster = ScriptedCluster.started();
        cluster.node("b").link = ReplicationLink.UNKNOWN;
        cluster.node("c").link = ReplicationLink.UNKNOWN;
        cluster.settle();
        cluster.node("a").hangs();
        cluster.node("b").promoted(2);
        cluster.settle();

        assertThat(cluster.primary()).isEqualTo("b");
    }

    @Test
    void shouldRaiseNoAlarmDuringASwitchover() {
        for (String first : List.of("a", "b")) {
            ScriptedCluster cluster = started();
            cluster.node("a").follows("b").on(2);
            cluster.node("b").promoted(2);
            cluster.node("c").follows("b").on(2);
            cluster.monitor.suspect(ScriptedCluster.id(first), 1);
            cluster.advanceMillis(50);

            assertThat(cluster.primary()).isEqualTo("b");
            assertThat(cluster.state("a").role()).isEqualTo(NodeRole.REPLICA);
        }
        assertThat(alarms).isEmpty();
    }

    @Test
    void shouldHaveNoPrimaryBetweenTwo() {
        ScriptedCluster cluster = started();
        cluster.node("a").follows("b");
        cluster.settle();
        assertThat(cluster.primary()).isNull();
        assertThat(cluster.monitor.current().epoch()).isEqualTo(1);

        cluster.node("c").promoted(2);
        cluster.settle();
        assertThat(cluster.primary()).isEqualTo("c");
        assertThat(cluster.monitor.current().epoch()).isEqualTo(2);
    }

    @Test
    void shouldStayWithThePrimaryWhenACloneTurnsWritable() {
        ScriptedCluster cluster = started();
        cluster.node("b").promoted(2);
        cluster.settle();

        assertThat(cluster.primary()).isEqualTo("a");
        assertThat(cluster.monitor.current().epoch()).isEqualTo(1);
        assertThat(cluster.monitor.current().alarm())
                .isEqualTo("more than one writable node: a is taken as the primary, but b accepts writes too;"
                        + " make it a replica again or stop it");
        assertThat(alarms).as("it does not flap").hasSize(1);

        cluster.node("b").follows("a").on(1);
        cluster.settle();
        assertThat(cluster.monitor.current().alarm()).isNull();
    }

    @Test
    void shouldMoveToTheNewcomerThatMostNodesFollow() {
        ScriptedCluster cluster = started();
        cluster.node("b").promoted(2);
        cluster.node("c").follows("b").on(2);
        cluster.settle();

        assertThat(cluster.primary()).isEqualTo("b");
        assertThat(cluster.monitor.current().epoch()).isEqualTo(2);
        assertThat(cluster.monitor.current().alarm()).contains("b is taken as the primary", "a accepts writes too");
    }

    @Test
    void shouldCountNodesThatCannotBeReachedAgainstTheNewcomer() {
        ScriptedCluster cluster = of("a", "b", "c", "d");
        cluster.node("a").primary();
        cluster.node("b").follows("a");
        cluster.node("c").follows("a");
        cluster.node("d").follows("a");
        run(cluster);
        cluster.node("d").refuses("connection refused");
        cluster.node("b").promoted(2);
        cluster.node("c").follows("b").on(2);
        cluster.settle();
        assertThat(cluster.primary()).as("one of two is no majority").isEqualTo("a");

        cluster.node("d").answers().follows("c").on(2);
        cluster.settle();
        assertThat(cluster.primary())
                .as("d receives the changes of b by way of c")
                .isEqualTo("b");
    }

    @Test
    void shouldTellFollowersByTheirBranchWhereTheUpstreamIsNoConfiguredAddress() {
        ScriptedCluster cluster = started();
        cluster.node("b").promoted(2);
        cluster.node("c").on(2).link = new ReplicationLink(ReplicationLink.State.STREAMING, "10.0.0.2", 5432);
        cluster.settle();

        assertThat(cluster.primary()).isEqualTo("b");
    }

    @Test
    void shouldNotTakeADisconnectedReplicaForAFollower() {
        ScriptedCluster cluster = started();
        cluster.node("b").promoted(2);
        cluster.node("c").follows("b").on(2).detached();
        cluster.settle();

        assertThat(cluster.primary()).isEqualTo("a");
    }

    @Test
    void shouldNotTakeAReplicaOfAnotherBranchForAFollower() {
        ScriptedCluster cluster = started();
        cluster.node("b").promoted(2);
        cluster.node("c").follows("b").on(3);
        cluster.settle();

        assertThat(cluster.primary()).isEqualTo("a");
    }

    @Test
    void shouldHaveNoPrimaryWhileReplicasFollowOneThatCannotBeReached() {
        ScriptedCluster cluster = started();
        cluster.node("a").hangs();
        cluster.node("b").promoted(2);
        cluster.settle();
        assertThat(cluster.primary()).isNull();
        assertThat(cluster.monitor.current().alarm())
                .isEqualTo("no primary: b accepts writes, but replicas still receive changes from a,"
                        + " which cannot be reached from here; check the way to it");

        cluster.node("c").detached();
        cluster.settle();
        assertThat(cluster.primary()).isEqualTo("b");
        assertThat(cluster.monitor.current().alarm()).isNull();
    }

    @Test
    void shouldNotGiveUpThePrimaryForACloneAfterOneFailedProbe() {
        ScriptedCluster cluster = ScriptedCluster.started();
        cluster.node("b").link = ReplicationLink.UNKNOWN;
        cluster.node("c").link = ReplicationLink.UNKNOWN;
        cluster.node("c").promoted(2);
        cluster.settle();
        watch(cluster);
        cluster.node("a").refuses("connection reset");
        cluster.monitor.suspect(ScriptedCluster.id("a"), 99);
        cluster.advanceMillis(3);
        assertThat(cluster.primary()).isNull();

        cluster.node("a").answers();
        cluster.settle();
        assertThat(cluster.primary()).isEqualTo("a");
        assertThat(epochs).containsExactly(1L);
        assertThat(alarms).as("it does not flap").hasSize(1);
    }

    @Test
    void shouldStayWithTheNewPrimaryWhenTheOldOneComesBackWritable() {
        ScriptedCluster cluster = started();
        cluster.node("a").refuses("connection refused");
        cluster.node("b").promoted(2);
        cluster.node("c").detached();
        cluster.settle();
        cluster.node("a").restarted("started-2");
        cluster.settle();

        assertThat(cluster.primary()).isEqualTo("b");
        assertThat(cluster.monitor.current().alarm()).contains("b is taken as the primary", "a accepts writes too");
        assertThat(epochs).containsExactly(1L, 2L);
    }
}
