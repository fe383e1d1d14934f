package io.github.r2dbcrouting.session;

import io.github.r2dbcrouting.monitor.TopologySource;
import io.github.r2dbcrouting.position.Branch;
import io.github.r2dbcrouting.position.LogPosition;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Replication;
import io.github.r2dbcrouting.topology.ReplicationLink;
import io.github.r2dbcrouting.topology.ServerIdentity;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/** Snapshots that the test shows, in the place of a monitor; each sample is timed with the present moment. */
final class ScriptedSamples implements TopologySource {

    /** The nodes of which a sample was asked for, in order. */
    final List<String> asked = new ArrayList<>();

    private final Sinks.Many<Topology> sink = Sinks.many().replay().latest();
    private final Scheduler time;
    private Topology current = Topology.unprobed(List.of());

    ScriptedSamples(Scheduler time) {
        this.time = time;
    }

    void show(NodeState... nodes) {
        NodeState primary = nodes[0].role() == NodeRole.PRIMARY ? nodes[0] : null;
        current = new Topology(1, List.of(nodes), primary, null);
        sink.tryEmitNext(current).orThrow();
    }

    NodeState primary(long lsn) {
        return node("p", NodeRole.PRIMARY, lsn, Duration.ZERO);
    }

    NodeState replica(String name, long lsn) {
        return replica(name, lsn, Duration.ZERO);
    }

    NodeState replica(String name, long lsn, Duration lag) {
        return node(name, NodeRole.REPLICA, lsn, lag);
    }

    private NodeState node(String name, NodeRole role, long lsn, Duration lag) {
        return new NodeState(
                new NodeSettings(new NodeId(name), "localhost", 5432),
                role,
                NodeHealth.HEALTHY,
                0,
                1,
                new ServerIdentity("7000000000000000001", name, "18.0"),
                new Replication(
                        new LogPosition(Branch.ofTimeline(1), lsn), now(), Duration.ZERO, lag, ReplicationLink.UNKNOWN),
                null);
    }

    long now() {
        return time.now(TimeUnit.NANOSECONDS);
    }

    int subscribers() {
        return sink.currentSubscriberCount();
    }

    @Override
    public Topology current() {
        return current;
    }

    @Override
    public Flux<Topology> topology() {
        return sink.asFlux();
    }

    @Override
    public void suspect(NodeId node, long generation) {
        throw new AssertionError("nothing is suspected here: " + node);
    }

    @Override
    public void refresh(NodeId node) {
        asked.add(node.name());
    }
}
