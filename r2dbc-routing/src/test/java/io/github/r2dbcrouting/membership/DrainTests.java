package io.github.r2dbcrouting.membership;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.dialect.BackgroundTasks;
import io.github.r2dbcrouting.membership.DrainProgress.Phase;
import io.github.r2dbcrouting.membership.DrainedNodes.By;
import io.github.r2dbcrouting.pool.NodePools;
import io.github.r2dbcrouting.position.Lineage;
import io.github.r2dbcrouting.selection.Overrides;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.test.scheduler.VirtualTimeScheduler;

/** What a drain tells when others change the node meanwhile. With real servers: {@link RoutingNodesTests}. */
class DrainTests {

    private static final NodeSettings NODE = NodeSettings.of("r.test", 5432);

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final BackgroundTasks background = new BackgroundTasks();
    private final NodePools pools = new NodePools(new UnopenedNodes(time, background), List.of(NODE));
    private final DrainedNodes drained = new DrainedNodes(() -> Overrides.NONE);
    private final List<Phase> phases = new ArrayList<>();
    private Topology topology = topology(List.of(NodeState.unprobed(NODE)));

    @Test
    void shouldNotTakeANodeThatIsRemovedMeanwhileForOneThatIsResumed() {
        drain();
        topology = topology(List.of());
        drained.remove(NODE.id());
        time.advanceTimeBy(Duration.ofMillis(100));
        assertThat(phases).containsExactly(Phase.WAITING, Phase.DRAINED);
    }

    @Test
    void shouldNotTakeAnotherNodeOfItsNameForTheOneThatIsDrained() {
        drain();
        drained.remove(NODE.id());
        pools.leave(NODE.id()).subscribe();
        pools.enter(NODE);
        time.advanceTimeBy(Duration.ofMillis(100));
        assertThat(phases).containsExactly(Phase.WAITING, Phase.DRAINED);
    }

    @Test
    void shouldTellThatANodeIsResumed() {
        drain();
        drained.remove(NODE.id());
        time.advanceTimeBy(Duration.ofMillis(100));
        assertThat(phases).containsExactly(Phase.WAITING, Phase.RESUMED);
    }

    private void drain() {
        // One that is being opened for somebody is in use.
        pools.acquire(NodeState.unprobed(NODE)).subscribe();
        new Drain(() -> topology, pools, drained, By.OPERATORS, time, Duration.ofSeconds(1))
                .of(NODE.id(), Duration.ofSeconds(10), false)
                .map(DrainProgress::phase)
                .subscribe(phases::add);
        assertThat(drained.contains(NODE.id())).isTrue();
        assertThat(phases).containsExactly(Phase.WAITING);
    }

    private static Topology topology(List<NodeState> nodes) {
        return new Topology(1, nodes, null, null, Lineage.UNKNOWN);
    }
}
