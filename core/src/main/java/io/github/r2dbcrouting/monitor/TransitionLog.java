package io.github.r2dbcrouting.monitor;

import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeProblem;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes one line for each change of a node's role or health, of the primary and of the alarm, and none for anything else.
 * It remembers what it wrote last, so that a pause in watching is no change. Used by one thread at a time.
 */
final class TransitionLog {

    private static final Logger log = LoggerFactory.getLogger(TopologyMonitor.class);

    private final Map<NodeId, NodeState> nodes = new HashMap<>();
    private @Nullable NodeId primary;
    private long epoch;
    private @Nullable String alarm;

    void write(MonitorState state) {
        Topology topology = state.topology();
        for (NodeState node : topology.nodes()) {
            if (node.health() != NodeHealth.UNKNOWN) {
                node(nodes.put(node.id(), node), node);
            }
        }
        nodes.keySet().removeIf(known -> topology.node(known) == null);
        if (state.settled()) {
            primary(topology);
            alarm(topology.alarm());
        }
    }

    private static void node(@Nullable NodeState before, NodeState node) {
        boolean sameHealth = before != null
                && before.health() == node.health()
                && before.isUnfit() == node.isUnfit()
                && Objects.equals(behaviour(before), behaviour(node));
        if (node.isUnfit()) {
            // Somebody's mistake, which no waiting mends.
            if (!sameHealth) {
                log.warn("node {} must not be used: it {}", node.id(), node.problem());
            }
        } else if (node.health() != NodeHealth.HEALTHY) {
            if (!sameHealth) {
                log.info("node {} is {}: {}", node.id(), lower(node.health()), node.problem());
            }
        } else if (before == null || !sameHealth) {
            log.info("node {} is healthy, role {}, generation {}", node.id(), lower(node.role()), node.generation());
        } else if (before.role() != node.role()) {
            log.info(
                    "node {} changed its role from {} to {}, generation {}",
                    node.id(),
                    lower(before.role()),
                    lower(node.role()),
                    node.generation());
        } else if (before.generation() != node.generation()) {
            log.info("node {} may have restarted, generation {}", node.id(), node.generation());
        }
    }

    private static @Nullable NodeProblem behaviour(NodeState node) {
        NodeProblem problem = node.problem();
        return problem != null && problem.isBehaviour() ? problem : null;
    }

    private void primary(Topology topology) {
        NodeId chosen = topology.primary() == null ? null : topology.primary().id();
        if (!Objects.equals(chosen, primary) || (chosen != null && topology.epoch() != epoch)) {
            if (chosen == null) {
                log.info("there is no primary any more, the last one was {}", primary);
            } else if (topology.epoch() == epoch) {
                log.info("the primary is {} again, epoch {}", chosen, epoch);
            } else {
                log.info("the primary is {}, epoch {}", chosen, topology.epoch());
            }
        }
        primary = chosen;
        epoch = topology.epoch();
    }

    private void alarm(@Nullable String text) {
        if (!Objects.equals(text, alarm)) {
            if (text == null) {
                log.info("the alarm is over: {}", alarm);
            } else {
                log.warn("alarm: {}", text);
            }
        }
        alarm = text;
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
