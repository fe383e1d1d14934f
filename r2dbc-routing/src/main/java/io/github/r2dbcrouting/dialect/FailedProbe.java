package io.github.r2dbcrouting.dialect;

import io.github.r2dbcrouting.error.Explained;
import io.github.r2dbcrouting.error.Problem;
import io.github.r2dbcrouting.error.SecretUnavailableException;
import io.github.r2dbcrouting.topology.NodeProblem;
import io.r2dbc.spi.R2dbcException;
import java.net.ConnectException;
import java.net.UnknownHostException;

/** Says what an error of a probe means for its node, in words for whoever has to mend it. */
final class FailedProbe {

    private FailedProbe() {}

    static NodeProblem problem(Throwable error, ErrorKind kind) {
        if (error instanceof Explained explained) {
            Problem problem = explained.problems().get(0);
            return new NodeProblem(follows(error, kind), problem.seen(), problem.needed(), problem.remedy());
        }
        if (kind == ErrorKind.SATURATION) {
            return new NodeProblem(
                    NodeProblem.Kind.SATURATED,
                    "answers, but has no connection left for the monitor: " + reason(error),
                    "one for each instance",
                    "raise max_connections, lower maxSize, run fewer instances, or keep connections back for the monitor's"
                            + " user");
        }
        if (kind == ErrorKind.USER && error instanceof R2dbcException) {
            return new NodeProblem(
                    NodeProblem.Kind.REFUSING,
                    "answers, but refuses the monitor: " + reason(error),
                    "",
                    "check its user and rights, and the name of the database");
        }
        return new NodeProblem(NodeProblem.Kind.UNANSWERED, reason(error), "", remedy(error));
    }

    private static NodeProblem.Kind follows(Throwable error, ErrorKind kind) {
        if (error instanceof SecretUnavailableException) {
            return NodeProblem.Kind.UNASKED;
        }
        return kind == ErrorKind.USER ? NodeProblem.Kind.REFUSING : NodeProblem.Kind.UNANSWERED;
    }

    private static String remedy(Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnknownHostException) {
                return "check the host's name in the nodes, and the name service";
            }
            if (cause instanceof ConnectException) {
                return "check that the server runs and that its address and port are right";
            }
        }
        return "";
    }

    /** Drivers say where they could not connect, and only their innermost cause says why. */
    static String reason(Throwable error) {
        String reason = message(innermost(error));
        String message = message(error);
        return message.contains(reason) ? message : message + ": " + reason;
    }

    private static Throwable innermost(Throwable error) {
        Throwable innermost = error;
        while (innermost.getCause() != null) {
            innermost = innermost.getCause();
        }
        return innermost;
    }

    private static String message(Throwable error) {
        return error.getMessage() == null ? error.getClass().getSimpleName() : error.getMessage();
    }
}
