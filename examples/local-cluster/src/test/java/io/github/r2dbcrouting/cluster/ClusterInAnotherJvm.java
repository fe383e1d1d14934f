package io.github.r2dbcrouting.cluster;

import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The main class of a JVM that starts a cluster, tells where it is, and then does what its last argument says. */
final class ClusterInAnotherJvm {

    private ClusterInAnotherJvm() {}

    /** Takes {@code postgresql} or {@code mariadb}, {@code wait} or {@code exit}, and a setting. */
    public static void main(String[] arguments) throws IOException {
        LocalClusterBuilder builder =
                arguments[0].equals("mariadb") ? LocalCluster.mariadb() : LocalCluster.postgresql();
        String[] setting = arguments[2].split("=");
        LocalCluster cluster =
                builder.replicas(2).setting(setting[0], setting[1]).start();
        List<ClusterNode> replicas = cluster.replicas();
        String pids = cluster.nodes().stream()
                .map(node -> ProcessHandle.of(node.pid()).orElseThrow())
                .flatMap(server -> Stream.concat(Stream.of(server), server.descendants()))
                .map(process -> Long.toString(process.pid()))
                .collect(Collectors.joining(","));
        replicas.get(0).freeze();
        replicas.get(1).kill();
        System.out.println("started " + cluster.directory() + " " + pids);
        if (arguments[1].equals("exit")) {
            // Without close().
            System.exit(0);
        }
        int end = System.in.read();
        System.out.println("ended " + end);
    }
}
