package io.github.r2dbcrouting.topology;

/**
 * Why a node is not healthy: what was seen of it, against what is needed, and what to do. No part holds a secret.
 *
 * @param kind what follows from it
 * @param seen what was seen, as a clause about the node: {@code "belongs to another cluster, system identifier 7002"}
 * @param needed what is needed instead; empty where that goes without saying
 * @param remedy what to do; empty where there is nothing to do but to wait
 */
public record NodeProblem(Kind kind, String seen, String needed, String remedy) {

    /** What follows from a problem. */
    public enum Kind {
        /** Nobody asks the node at present. */
        UNWATCHED,
        /** The node gave no answer, or none of use. */
        UNANSWERED,
        /**
         * The node could not be asked, for a reason on this side: no sign of life or death. One that has answered its last probe
         * counts as alive still, one that has not stays silent.
         */
        UNASKED,
        /** The node answers, but has no connection left for the monitor: no sign of death. */
        SATURATED,
        /** The node answers, but refuses the monitor: no sign of death. */
        REFUSING,
        /**
         * The node answers, but must not be used, however well it is: it is the wrong one, and will be until somebody changes
         * it or the list of nodes.
         */
        UNFIT,
        /** The node answers its probes, but fails statement after statement: used only where not even the primary can serve. */
        FAILING,
        /** The node answers its probes, but statements far later than its peers do. */
        SLOW,
        /** The node answers, but has come and gone too often of late. */
        FLAPPING
    }

    /** Returns the problem of a node about which nothing is known at present. */
    public static NodeProblem unwatched(String seen) {
        return new NodeProblem(Kind.UNWATCHED, seen, "", "");
    }

    /** Returns the problem of a node that gave no answer of use. */
    public static NodeProblem unanswered(String seen) {
        return new NodeProblem(Kind.UNANSWERED, seen, "", "");
    }

    /** Returns the problem of a node that must not be used. */
    public static NodeProblem unfit(String seen, String needed, String remedy) {
        return new NodeProblem(Kind.UNFIT, seen, needed, remedy);
    }

    public boolean isUnfit() {
        return kind == Kind.UNFIT;
    }

    /** Returns whether it is about what became of the node's statements, or of the node, rather than about its last probe. */
    public boolean isBehaviour() {
        return kind == Kind.FAILING || kind == Kind.SLOW || kind == Kind.FLAPPING;
    }

    /** Returns it in one sentence: {@code "version 9.6, needed 12 or later; upgrade the server"}. */
    @Override
    public String toString() {
        return seen + (needed.isEmpty() ? "" : ", needed " + needed) + (remedy.isEmpty() ? "" : "; " + remedy);
    }
}
