package io.github.r2dbcrouting.error;

import io.github.r2dbcrouting.topology.NodeProblem;
import io.github.r2dbcrouting.topology.NodeState;
import java.io.Serial;
import java.io.Serializable;

/**
 * One thing that is wrong: with which node or option, what was seen, against what is needed, and what to do. No part holds a
 * secret.
 *
 * @param subject the node or the option: {@code "node db2:5432"}, {@code "option 'maxSize'"}
 * @param seen what was seen of it, as a clause
 * @param needed what is needed instead; empty where that goes without saying
 * @param remedy what to do; empty where there is nothing to do but to wait
 */
public record Problem(String subject, String seen, String needed, String remedy) implements Serializable {

    @Serial
    private static final long serialVersionUID = 1L;

    /** Returns what keeps a node from being used, or that nothing is known to. */
    public static Problem of(NodeState node) {
        NodeProblem problem = node.problem();
        return problem == null
                ? new Problem("node " + node.id(), "is healthy", "", "")
                : new Problem("node " + node.id(), problem.seen(), problem.needed(), problem.remedy());
    }

    /** Returns it in one sentence: {@code "option 'maxSize': is 0, needed at least 1; raise it"}. */
    @Override
    public String toString() {
        return subject + ": " + seen + (needed.isEmpty() ? "" : ", needed " + needed)
                + (remedy.isEmpty() ? "" : "; " + remedy);
    }
}
