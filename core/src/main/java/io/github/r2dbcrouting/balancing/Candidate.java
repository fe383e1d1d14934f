package io.github.r2dbcrouting.balancing;

import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeShare;
import io.github.r2dbcrouting.topology.NodeState;

/** A node that would do, made once for each snapshot: how the snapshot shows it, and its live numbers. */
public final class Candidate {

    private final NodeState state;
    private final NodeLoad load;

    /** At hand, since they are asked of every node for every statement. */
    private final int weight;

    private final double cost;

    private Candidate(NodeState state, NodeLoad load) {
        this.state = state;
        this.load = load;
        this.weight = share().weight();
        this.cost = share().cost();
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

    double cost() {
        return cost;
    }

    @Override
    public String toString() {
        return state.id().toString();
    }
}
