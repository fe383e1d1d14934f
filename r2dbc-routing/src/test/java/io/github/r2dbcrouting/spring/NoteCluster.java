package io.github.r2dbcrouting.spring;

import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.RoutingConnectionFactory;
import io.github.r2dbcrouting.RoutingConnectionFactoryBuilder;
import io.github.r2dbcrouting.RoutingOptions;
import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.Topology;
import io.r2dbc.spi.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import reactor.core.publisher.Mono;

/**
 * A primary and two replicas that hold notes. Commits wait until both replicas show them, so that a test reads what it
 * wrote on another connection, whichever replica serves it.
 */
final class NoteCluster {

    static final Duration LIMIT = Duration.ofSeconds(30);
    static final Duration PROBE_TIMEOUT = Duration.ofSeconds(5);

    /** How long reads wait for replicas, whose replay nobody stops, on a loaded machine. */
    static final Duration CATCH_UP_TIMEOUT = Duration.ofSeconds(5);

    private NoteCluster() {}

    static LocalClusterExtension extension() {
        return LocalClusterExtension.of(
                LocalCluster.postgresql().replicas(2).setting("synchronous_commit", "remote_apply"));
    }

    /** The notes are seen through a view, in which the server that answers says who it is. */
    static void createNotes(LocalCluster cluster) {
        cluster.synchronousStandbys("2 (*)");
        cluster.execute("CREATE TABLE note_base (id serial PRIMARY KEY, text text NOT NULL,"
                + " written_at int NOT NULL DEFAULT inet_server_port());"
                + " CREATE VIEW note AS SELECT id, text, written_at, inet_server_port() AS read_at FROM note_base;"
                + " GRANT ALL ON note, note_base TO PUBLIC; GRANT ALL ON SEQUENCE note_base_id_seq TO PUBLIC");
    }

    /** Gives the first probes the time that a cold JVM on a busy machine takes to open its first connections. */
    static RoutingConnectionFactoryBuilder patient(RoutingConnectionFactoryBuilder builder) {
        return builder.option(RoutingOptions.PROBE_TIMEOUT, PROBE_TIMEOUT)
                .option(RoutingOptions.STARTUP_TIMEOUT, LIMIT);
    }

    /** Lets the factory find all nodes; a slow machine might else have it begin with the primary alone. */
    static void awaitNodes(RoutingConnectionFactory factory) {
        Mono.usingWhen(factory.create(), connection -> Mono.empty(), Connection::close)
                .block(LIMIT);
        await().atMost(LIMIT).until(() -> areHealthy(factory.currentTopology()));
    }

    static List<Integer> replicaPorts(LocalCluster cluster) {
        return cluster.replicas().stream().map(ClusterNode::port).toList();
    }

    /** Returns what a publisher emits; it must emit something. */
    static <T> T result(Mono<T> work) {
        return Objects.requireNonNull(work.block(LIMIT), "nothing was emitted");
    }

    private static boolean areHealthy(Topology topology) {
        return topology.primary() != null
                && topology.nodes().stream()
                        .allMatch(node -> node.health() == NodeHealth.HEALTHY
                                && node.replication() != null
                                && node.replication().lag() != null
                                && node.replication().lag().compareTo(Duration.ofSeconds(2)) < 0);
    }
}
