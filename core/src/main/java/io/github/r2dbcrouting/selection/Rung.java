package io.github.r2dbcrouting.selection;

import io.github.r2dbcrouting.topology.NodeState;
import java.util.List;

/**
 * Replicas that serve a read equally well.
 *
 * @param reason why it came down to them, for a decision that picks one
 * @param candidates at least one replica, in the topology's order
 */
record Rung(String reason, List<NodeState> candidates) {}
