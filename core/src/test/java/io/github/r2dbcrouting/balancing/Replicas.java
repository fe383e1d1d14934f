package io.github.r2dbcrouting.balancing;

import io.github.r2dbcrouting.position.Branch;
import io.github.r2dbcrouting.position.LogPosition;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.NodeShare;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Replication;
import io.github.r2dbcrouting.topology.ReplicationLink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Healthy replicas r0, r1, … to pick from, and a clock of theirs that stands unless it is moved. */
final class Replicas {

    private final AtomicLong now = new AtomicLong();
    private final NodeLoads loads = new NodeLoads(now::get);
    private final List<Candidate> candidates = new ArrayList<>();

    /** Returns so many of equal shares. */
    static Replicas of(int number) {
        Replicas replicas = new Replicas();
        for (int i = 0; i < number; i++) {
            replicas.add(NodeShare.EQUAL, Duration.ZERO);
        }
        return replicas;
    }

    /** Returns one for each weight. */
    static Replicas weighing(int... weights) {
        Replicas replicas = new Replicas();
        for (int weight : weights) {
            replicas.add(NodeShare.EQUAL.withWeight(weight), Duration.ZERO);
        }
        return replicas;
    }

    Replicas add(NodeShare share, Duration lag) {
        NodeId id = new NodeId("r" + candidates.size());
        Replication replication = new Replication(
                new LogPosition(Branch.ofTimeline(1), 1_000), 0, Duration.ofMillis(1), lag, ReplicationLink.UNKNOWN);
        NodeState state = new NodeState(
                new NodeSettings(id, "localhost", 5432).sharing(share),
                NodeRole.REPLICA,
                NodeHealth.HEALTHY,
                0,
                1,
                null,
                replication,
                null);
        candidates.add(Candidate.of(state, loads.of(id)));
        return this;
    }

    List<Candidate> candidates() {
        return candidates;
    }

    Candidate get(int number) {
        return candidates.get(number);
    }

    NodeLoad load(int number) {
        return candidates.get(number).load();
    }

    void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    /** One replica has answered after a time. */
    void answer(int number, Duration latency) {
        NodeLoad load = load(number);
        long begun = load.began();
        load.answered(begun - latency.toNanos());
        load.ended();
    }

    /** Picks so often and returns how often each replica was picked. */
    long[] count(int picks, LoadBalancer balancer) {
        long[] counts = new long[candidates.size()];
        for (int i = 0; i < picks; i++) {
            counts[candidates.indexOf(balancer.choose(candidates))]++;
        }
        return counts;
    }
}
