package io.github.r2dbcrouting.monitor;

import io.github.r2dbcrouting.topology.NodeProblem;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** A probe that failed. Its message is the problem in one sentence, without secrets. */
public final class ProbeException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final NodeProblem problem;

    /** Creates the failure of a probe. */
    public ProbeException(NodeProblem problem, @Nullable Throwable cause) {
        super(problem.toString(), cause);
        this.problem = problem;
    }

    public NodeProblem problem() {
        return problem;
    }
}
