package io.github.r2dbcrouting.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What every kind of cluster can do: its nodes, and the changes of their roles. */
abstract class ClusterContract extends NodeContract {

    ClusterContract(LocalCluster cluster) {
        super(cluster);
    }

    /** What makes a replica a primary without telling the cluster. */
    abstract String promotion();

    /** Whether all that the primary has written has come to a replica, be it replayed or not. */
    abstract boolean hasReceivedEverything(ClusterNode replica);

    @Test
    void shouldKnowWhoIsPrimary() {
        assertThat(cluster().primary().isPrimary()).isTrue();
        assertThat(cluster().replicas()).noneMatch(ClusterNode::isPrimary);
        assertThat(cluster().findPrimary()).isSameAs(cluster().primary());
    }

    @Test
    void shouldPromoteAReplicaThatHasNotReplayedEverythingItReceived() {
        ClusterNode replica = replica();
        replica.pauseReplay();
        insert(cluster().primary(), 1);
        await().atMost(SOON).until(() -> hasReceivedEverything(replica));
        cluster().primary().kill();
        cluster().promote(replica);
        assertItems(replica, 1);
    }

    @Test
    void shouldReplaceAKilledPrimary() {
        ClusterNode old = cluster().primary();
        ClusterNode replica = replica();
        insert(old, 1);
        cluster().awaitReplication();
        old.kill();
        cluster().promote(replica);
        assertThat(cluster().primary()).isSameAs(replica);
        insert(replica, 2);
        cluster().awaitReplication();
        cluster().rejoin(old);
        cluster().awaitReplication();
        assertThat(cluster().replicas())
                .hasSize(2)
                .contains(old)
                .noneMatch(ClusterNode::isPrimary)
                .allSatisfy(node -> assertItems(node, 1, 2));
    }

    @Test
    void shouldSwitchOverInOrderAndKeepTheOldPrimarysData() {
        ClusterNode old = cluster().primary();
        insert(old, 1);
        cluster().awaitReplication();
        old.stop();
        cluster().promote(replica());
        cluster().rejoin(old);
        insert(cluster().primary(), 2);
        cluster().awaitReplication();
        assertItems(old, 1, 2);
    }

    @Test
    void shouldLetBothWriteAfterAPromotionBesideALivingPrimary() {
        ClusterNode old = cluster().primary();
        cluster().promote(replica());
        insert(old, 1);
        insert(cluster().primary(), 2);
        assertThat(old.isPrimary()).isTrue();
        assertThatThrownBy(cluster()::findPrimary)
                .isInstanceOf(LocalClusterException.class)
                .hasMessageContaining(old.name());
    }

    @Test
    void shouldMakeANewCopyOfAPrimaryThatWentAnotherWay() {
        ClusterNode old = cluster().primary();
        cluster().promote(replica());
        insert(old, 99);
        insert(cluster().primary(), 1);
        cluster().rejoin(old);
        cluster().awaitReplication();
        assertItems(old, 1);
    }

    @Test
    void shouldMakeANewCopyOfAPrimaryThatWentAnotherWayAndIsBehind() {
        ClusterNode old = cluster().primary();
        cluster().promote(replica());
        insert(old, 99);
        old.kill();
        for (int id = 1; id <= 5; id++) {
            insert(cluster().primary(), id);
        }
        cluster().rejoin(old);
        cluster().awaitReplication();
        assertItems(old, 1, 2, 3, 4, 5);
    }

    @Test
    void shouldChangeThePrimaryAgainAndAgain() {
        for (int id = 1; id <= 3; id++) {
            ClusterNode old = cluster().primary();
            old.kill();
            cluster().promote(replica());
            insert(cluster().primary(), id);
            cluster().rejoin(old);
            cluster().awaitReplication();
        }
        assertThat(cluster().nodes()).allSatisfy(node -> assertItems(node, 1, 2, 3));
    }

    @Test
    void shouldNoticeAPromotionBySomebodyElse() {
        ClusterNode replica = replica();
        cluster().primary().kill();
        replica.execute(promotion());
        assertThat(cluster().findPrimary()).isSameAs(replica);
        assertThat(cluster().primary()).isSameAs(replica);
        replica.restart();
        assertThat(replica.isPrimary()).isTrue();
    }

    @Test
    void shouldAddAReplicaWhileThePrimaryIsWrittenToAndRemoveIt() {
        insert(cluster().primary(), 1);
        ClusterNode added = cluster().addReplica();
        insert(cluster().primary(), 2);
        cluster().awaitReplication();
        assertItems(added, 1, 2);
        assertThat(cluster().node(added.name())).isSameAs(added);
        assertThat(cluster().hostList()).contains(":" + added.port());
        cluster().remove(added);
        assertThat(cluster().nodes()).hasSize(3).doesNotContain(added);
        assertThat(added.isRunning()).isFalse();
        assertThat(added.directory()).doesNotExist();
    }

    @Test
    void shouldNotRemoveOrRejoinThePrimary() {
        assertThatThrownBy(() -> cluster().remove(cluster().primary())).isInstanceOf(LocalClusterException.class);
        assertThatThrownBy(() -> cluster().rejoin(cluster().primary())).isInstanceOf(LocalClusterException.class);
    }

    @Test
    void shouldHealEverything() {
        ClusterNode old = cluster().primary();
        List<ClusterNode> replicas = cluster().replicas();
        old.proxy().refuse();
        cluster().promote(replicas.get(0));
        insert(old, 99);
        insert(cluster().primary(), 1);
        old.freeze();
        replicas.get(1).kill();
        cluster().heal();
        assertThat(cluster().nodes()).hasSize(3).allSatisfy(node -> assertItems(node, 1));
        assertThat(cluster().findPrimary()).isSameAs(replicas.get(0));
    }
}
