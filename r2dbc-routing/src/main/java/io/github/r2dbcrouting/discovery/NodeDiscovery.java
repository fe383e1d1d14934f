package io.github.r2dbcrouting.discovery;

import io.github.r2dbcrouting.topology.NodeSettings;
import java.util.List;
import reactor.core.publisher.Mono;

/** Tells which nodes there are. Their roles are observed and not told. */
@FunctionalInterface
public interface NodeDiscovery {

    /**
     * Asks once.
     *
     * @return a cold {@link Mono} of all nodes. It fails if they cannot be told, and where there are none: an empty list is taken as a failure
     *     too. After a failure the nodes of before stay. Cancelling gives up the question
     */
    Mono<List<NodeSettings>> nodes();

    /** Returns a list that never changes. */
    static NodeDiscovery of(List<NodeSettings> nodes) {
        List<NodeSettings> known = List.copyOf(nodes);
        return () -> Mono.just(known);
    }
}
