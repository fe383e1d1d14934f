package io.github.r2dbcrouting.topology;

/** Whether a node can be given work. */
public enum NodeHealth {
    /** Answers its probes. */
    HEALTHY,
    /** Alive but in trouble, for instance out of connections: used only when no healthy node is left. */
    DEGRADED,
    /** Does not answer, or must not be used; {@link NodeState#problem()} says why. */
    UNHEALTHY,
    /** Not probed yet. */
    UNKNOWN
}
