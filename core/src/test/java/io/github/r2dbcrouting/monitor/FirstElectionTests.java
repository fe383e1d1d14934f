package io.github.r2dbcrouting.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The choice of the first primary, when there is no other to stay with. */
class FirstElectionTests {

    private final List<Long> epochs = new ArrayList<>();

    private ScriptedCluster of(String... names) {
        ScriptedCluster cluster = new ScriptedCluster(names);
        cluster.monitor.topology().map(Topology::epoch).distinctUntilChanged().subscribe(epochs::add);
        return cluster;
    }

    private static void run(ScriptedCluster cluster) {
        cluster.monitor.start();
        cluster.settle();
    }

    @Test
    void shouldTakeTheOneWithFollowersWhenTwoAreWritableFromTheStart() {
        ScriptedCluster cluster = of("a", "b", "c");
        cluster.node("a").primary();
        cluster.node("b").promoted(2);
        cluster.node("c").follows("b").on(2);
        run(cluster);

        assertThat(cluster.primary()).isEqualTo("b");
        assertThat(cluster.monitor.current().epoch()).isEqualTo(1);
        assertThat(cluster.monitor.current().alarm()).isNotNull();
    }

    @Test
    void shouldWaitForTheOthersBeforeItTakesTheFirstWritableNode() {
        ScriptedCluster cluster = of("a", "b", "c");
        cluster.node("a").primary();
        cluster.node("b").promoted(2).latency = Duration.ofMillis(200);
        cluster.node("c").follows("b").on(2).latency = Duration.ofMillis(200);
        run(cluster);

        assertThat(cluster.primary()).isEqualTo("b");
        assertThat(epochs).containsExactly(0L, 1L);
    }

    @Test
    void shouldTakeNoneWhenTwoAreWritableFromTheStartAndNothingTellsThemApart() {
        ScriptedCluster cluster = of("a", "b");
        cluster.node("a").primary();
        cluster.node("b").promoted(2);
        run(cluster);
        assertThat(cluster.primary()).isNull();
        assertThat(cluster.monitor.current().epoch()).isZero();
        assertThat(cluster.monitor.current().alarm())
                .isEqualTo("no primary: a and b all accept writes, and the replicas do not tell which is the right one;"
                        + " leave only one of them writable");

        cluster.node("a").refuses("stopped by the operator");
        cluster.settle();
        assertThat(cluster.primary()).isEqualTo("b");
    }

    @Test
    void shouldTakeNoneWhenBothWritableNodesHaveFollowers() {
        ScriptedCluster cluster = of("a", "b", "c", "d");
        cluster.node("a").primary();
        cluster.node("b").promoted(2);
        cluster.node("c").follows("a");
        cluster.node("d").follows("b").on(2);
        run(cluster);

        assertThat(cluster.primary()).isNull();
        assertThat(cluster.monitor.current().alarm()).startsWith("no primary: a and b all accept writes");
    }

    @Test
    void shouldNotTakeACloneAtTheStartWhileTheRealPrimaryIsOnlyOutOfReach() {
        ScriptedCluster cluster = of("a", "b", "c");
        cluster.node("a").primary().hangs();
        cluster.node("b").promoted(2);
        cluster.node("c").follows("a");
        run(cluster);

        assertThat(cluster.primary()).isNull();
        assertThat(cluster.monitor.current().alarm()).contains("replicas still receive changes from a");
    }

    @Test
    void shouldTakeAWritableNodeAloneAtOnce() {
        ScriptedCluster cluster = of("a");
        cluster.node("a").primary();
        cluster.monitor.start();
        cluster.advanceMillis(2);

        assertThat(cluster.primary()).isEqualTo("a");
    }
}
