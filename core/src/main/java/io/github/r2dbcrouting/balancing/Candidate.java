package io.github.r2dbcrouting.balancing;

import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeShare;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Replication;

/** A node that would do, made once for each snapshot: how the snapshot shows it, and its live numbers. */
public final class Candidate {

    private final NodeState state;
    private final NodeLoad load;

    /** At hand, since they are asked of every node for every statement. */
    private final int weight;

    private final double cost;
    private final double perWeight;
    private final double lagNanos;

    private Candidate(NodeState state, NodeLoad load) {
        this.state = state;
        this.load = load;
        this.weight = share().weight();
        this.cost = share().cost();
        this.perWeight = 1.0 / weight;
        Replication replication = state.replication();
        this.lagNanos = replication == null || replication.lag() == null
                ? Double.NaN
                : replication.lag().toNanos();
    }

    /** Returns a node with its numbers. */
    public static Candidate of(NodeState state, NodeLoad load) {
        return new Candidate(state, load);
    }

    public NodeId id() {
        return state.id();
    }

    /** Returns what the snapshot shows of the node. */
    public NodeState state() {
        return state;
    }

    /** Returns how much of the reads the node is to serve. */
    public NodeShare share() {
        return state.settings().share();
    }

    /** Returns the numbers of the node at this moment. */
    public NodeLoad load() {
        return load;
    }

    int weight() {
        return weight;
    }

    /** Returns what is in flight at the node, for each unit of its weight. */
    double inFlightPerWeight() {
        return load.inFlight() * perWeight;
    }

    double cost() {
        return cost;
    }

    /** Returns how far the node was behind, or NaN while that is unknown. */
    double lagNanos() {
        return lagNanos;
    }

    @Override
    public String toString() {
        return state.id().toString();
    }
}
