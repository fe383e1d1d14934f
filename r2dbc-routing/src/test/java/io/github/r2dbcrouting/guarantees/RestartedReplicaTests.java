package io.github.r2dbcrouting.guarantees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.RoutedStatements;
import io.github.r2dbcrouting.RoutingConnectionFactory;
import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.guarantees.SessionUser.Seen;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;

/**
 * A replica that crashed begins again from its last restart point: what it had shown, it does not show until it has replayed that
 * once more. MariaDB's replicas come back where they were, since each transaction is durable with its position.
 */
class RestartedReplicaTests {

    @RegisterExtension
    static final LocalClusterExtension CLUSTER = LocalClusterExtension.of(LocalCluster.postgresql()
            .replicas(1)
            // A page that is written moves the point from which a standby shows anything.
            .setting("bgwriter_lru_maxpages", "0"));

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String READ = "SELECT number FROM entry";
    private static final int READS = 10;

    private RoutedStatements routed;
    private RoutingConnectionFactory factory;

    @BeforeAll
    static void createTable() {
        CLUSTER.cluster().execute("CREATE TABLE entry (number bigint)");
    }

    /** From here on a replica starts to replay when it crashes. */
    @BeforeEach
    void restartFromHere() {
        CLUSTER.cluster().execute("CHECKPOINT");
        CLUSTER.cluster().awaitReplication();
        replica().execute("CHECKPOINT");
    }

    @AfterEach
    void close() {
        factory.close().block(LIMIT);
        replica().execute("ALTER SYSTEM RESET recovery_min_apply_delay");
        replica().query("SELECT pg_reload_conf()");
        CLUSTER.cluster().execute("TRUNCATE entry");
        CLUSTER.cluster().awaitReplication();
    }

    /** What crashes. PostgreSQL ends all its processes when one was killed, and starts all over by itself. */
    private enum Crash {
        SERVER {
            @Override
            void happen(ClusterNode node) {
                node.kill();
                node.start();
            }
        },
        SESSION_OF_A_STATEMENT {
            @Override
            void happen(ClusterNode node) {
                killSession(node, "app");
            }
        },
        SESSION_OF_THE_MONITOR {
            @Override
            void happen(ClusterNode node) {
                killSession(node, "monitor");
            }
        };

        abstract void happen(ClusterNode node);

        private static void killSession(ClusterNode node, String user) {
            String started = startedAt(node);
            String pid = node.query("SELECT pid FROM pg_stat_activity WHERE usename = '" + user + "'")
                    .get(0)
                    .get(0);
            ProcessHandle killed = ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
            killed.destroyForcibly();
            await().atMost(LIMIT).until(() -> !killed.isAlive());
            await().atMost(LIMIT).ignoreExceptions().until(() -> startedAt(node).equals(started));
        }

        private static String startedAt(ClusterNode node) {
            return node.query("SELECT pg_postmaster_start_time()").get(0).get(0);
        }
    }

    /** How soon the monitor comes to know of it: by itself at once, or only when somebody needs to know. */
    private enum Watching {
        CLOSELY(Duration.ofMillis(50)),
        HARDLY(Duration.ofMinutes(5));

        private final Duration interval;

        Watching(Duration interval) {
            this.interval = interval;
        }
    }

    static Stream<Arguments> ways() {
        return Stream.of(
                Arguments.of(Crash.SERVER, Watching.CLOSELY),
                Arguments.of(Crash.SERVER, Watching.HARDLY),
                Arguments.of(Crash.SESSION_OF_A_STATEMENT, Watching.HARDLY),
                Arguments.of(Crash.SESSION_OF_THE_MONITOR, Watching.HARDLY));
    }

    @ParameterizedTest
    @MethodSource("ways")
    void shouldNeverReadTheOlderStateOfAReplicaThatCameBack(Crash crash, Watching watching) {
        open(watching);
        SessionUser writer = new SessionUser(factory, Consistency.readYourWrites());
        SessionUser reader = new SessionUser(factory, Consistency.session());
        writer.write("INSERT INTO entry VALUES (1)").block(LIMIT);
        CLUSTER.cluster().awaitReplication();
        awaitOnReplica(writer);
        awaitOnReplica(reader);

        crashToOlderState(crash);
        List<Seen> seen = new ArrayList<>(reads(writer));
        seen.addAll(reads(reader));
        // It serves whoever does not mind.
        SessionUser stranger = new SessionUser(factory, Consistency.eventual());
        await().atMost(LIMIT)
                .until(() -> Objects.requireNonNull(stranger.read(READ).block(LIMIT))
                        .numbers()
                        .isEmpty());
        seen.addAll(reads(writer));
        seen.addAll(reads(reader));

        assertThat(seen).filteredOn(each -> !each.numbers().equals(List.of(1L))).isEmpty();
        replica().execute("ALTER SYSTEM RESET recovery_min_apply_delay");
        replica().query("SELECT pg_reload_conf()");
        awaitOnReplica(writer);
        awaitOnReplica(reader);
    }

    private void open(Watching watching) {
        routed = new RoutedStatements();
        factory = routed.over(CLUSTER.cluster())
                .maxLag(Duration.ofMinutes(10))
                .catchUpTimeout(SessionUser.PATIENCE)
                .probeInterval(watching.interval)
                .build();
        routed.awaitReplica(factory);
    }

    /** A read there shows what the session has seen, or another one is awaited. */
    private void awaitOnReplica(SessionUser user) {
        await().atMost(LIMIT)
                .until(
                        () -> user.read(READ).block(LIMIT),
                        seen -> seen.node().equals(replica().name()));
    }

    /** Once it is back, it waits long before it replays a commit again. */
    private void crashToOlderState(Crash crash) {
        replica().execute("ALTER SYSTEM SET recovery_min_apply_delay = '1h'");
        replica().query("SELECT pg_reload_conf()");
        await().atMost(LIMIT)
                .until(() -> replica()
                        .query("SHOW recovery_min_apply_delay")
                        .get(0)
                        .get(0)
                        .equals("1h"));
        crash.happen(replica());
        assertThat(replica().query(READ)).as("shown after the crash").isEmpty();
    }

    private static List<Seen> reads(SessionUser user) {
        return Objects.requireNonNull(Flux.range(0, READS)
                .concatMap(i -> user.read(READ))
                .collectList()
                .block(LIMIT));
    }

    private static ClusterNode replica() {
        return CLUSTER.cluster().replicas().get(0);
    }
}
