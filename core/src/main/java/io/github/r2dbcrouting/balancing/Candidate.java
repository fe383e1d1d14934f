package io.github.r2dbcrouting.balancing;

import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeShare;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Replication;
import java.time.Duration;

/** A node that would do, made once for each snapshot: how the snapshot shows it, and its live numbers. */
public final class Candidate {

    /** What comes after everything that is known. */
    static final double UNKNOWN = Double.MAX_VALUE;

    /** Lags that differ by less are chance: each is an upper bound that depends on when the nodes were asked. */
    private static final long LAG_STEP = Duration.ofMillis(100).toNanos();

    private final NodeState state;
    private final NodeLoad load;

    /** At hand, since they are asked of every node for every statement. */
    private final int weight;

    private final double cost;
    private final double perWeight;
    private final double secondsBehind;
    private final double lagSteps;

    private Candidate(NodeState state, NodeLoad load) {
        this.state = state;
        this.load = load;
        this.weight = share().weight();
        this.cost = share().cost();
        this.perWeight = 1.0 / weight;
        Replication replication = state.replication();
        Duration lag = replication == null ? null : replication.lag();
        this.secondsBehind = lag == null ? 0 : lag.toNanos() * 1e-9;
        this.lagSteps = lag == null ? UNKNOWN : lag.toNanos() / LAG_STEP + 1;
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

    /** Returns how far the node was behind, or 0 while that is unknown. */
    double secondsBehind() {
        return secondsBehind;
    }

    /** Returns how many tenths of a second, begun ones included, the node was behind, or {@link #UNKNOWN}. */
    double lagSteps() {
        return lagSteps;
    }

    @Override
    public String toString() {
        return state.id().toString();
    }
}
