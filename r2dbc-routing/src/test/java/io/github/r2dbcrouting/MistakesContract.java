package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.error.Explained;
import io.github.r2dbcrouting.error.LoginRefusedException;
import io.github.r2dbcrouting.error.NoEligibleNodeException;
import io.github.r2dbcrouting.error.Problem;
import io.github.r2dbcrouting.error.StartupException;
import io.github.r2dbcrouting.monitor.TopologyMonitor;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeProblem;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Result;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * What users get wrong about their nodes, and what they are told: which node or option, what was seen, what is needed, what to
 * do. There are a primary and a replica.
 */
abstract class MistakesContract {

    static final Duration LIMIT = Duration.ofSeconds(30);

    final RoutedStatements routed = new RoutedStatements();
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger(TopologyMonitor.class);
    RoutingConnectionFactory factory;

    abstract LocalCluster cluster();

    abstract String driver();

    /** Returns what the server puts around names in its messages. */
    abstract char quote();

    /** Makes the replica writable without telling the cluster. */
    abstract void makeWritable(ClusterNode replica);

    @BeforeEach
    void listen() {
        lines.start();
        logger.addAppender(lines);
    }

    @AfterEach
    void close() {
        logger.detachAppender(lines);
        if (factory != null) {
            factory.close().block(LIMIT);
        }
    }

    /** Returns a builder without nodes. */
    RoutingConnectionFactoryBuilder builder() {
        return RoutingConnectionFactory.builder()
                .driver(driver())
                .credentials(cluster().username(), cluster().password())
                .monitorCredentials(cluster().monitorUsername(), cluster().monitorPassword())
                .database(cluster().database())
                .probeInterval(Duration.ofMillis(100))
                .option(RoutingOptions.PROBE_TIMEOUT, Duration.ofSeconds(10))
                .option(RoutingOptions.ACQUIRE_TIMEOUT, Duration.ofMillis(500))
                .routeListener(routed);
    }

    RoutingConnectionFactoryBuilder over(List<ClusterNode> nodes) {
        RoutingConnectionFactoryBuilder builder = builder();
        nodes.forEach(node -> builder.node(node.name(), node.host(), node.port()));
        return builder;
    }

    ClusterNode replica() {
        return cluster().replicas().get(0);
    }

    @Test
    void shouldNameEachNodeThatCannotBeReachedAndWhatToDo() {
        factory = builder()
                .node("nowhere.invalid", 5432)
                .node("wrong", "127.0.0.1", 1)
                .option(RoutingOptions.STARTUP_TIMEOUT, Duration.ofSeconds(5))
                .build();
        StartupException error = failure(StartupException.class, "SELECT 1");
        assertExplained(
                error,
                "node nowhere.invalid:5432",
                "nowhere.invalid",
                "",
                "check the host's name in the nodes, and the name service");
        assertExplained(
                error,
                "node wrong",
                "Connection refused",
                "",
                "check that the server runs and that its address and port are right");
        assertThat(error).hasMessageStartingWith("no usable node within 5000 ms: ");
        assertThat(error.problems()).hasSize(2);
    }

    @Test
    void shouldSayThatThePasswordIsRefusedAndWhose() {
        factory = over(cluster().nodes())
                .credentials(cluster().username(), LocalCluster.PASSWORD_MARK + "wrong")
                .build();
        LoginRefusedException error = failure(LoginRefusedException.class, "SELECT 1");
        assertExplained(
                error,
                "node " + replica().name(),
                "lets user 'app', database 'app', not in: ",
                "credentials and a database that it knows",
                "check the user, its password and its rights, and the name of the database");
        assertThat(error).hasMessageNotContaining(LocalCluster.PASSWORD_MARK);
    }

    @Test
    void shouldSayThatTheMonitorsPasswordIsRefused() {
        factory = over(cluster().nodes())
                .monitorCredentials(cluster().monitorUsername(), LocalCluster.PASSWORD_MARK + "wrong")
                .build();
        NodeProblem problem = firstProblem("node1");
        assertThat(problem.kind()).isEqualTo(NodeProblem.Kind.REFUSING);
        assertThat(problem.toString())
                .startsWith("answers, but refuses the monitor: ")
                .contains("'monitor'".replace('\'', quote()))
                .endsWith("; check its user and rights, and the name of the database")
                .doesNotContain(LocalCluster.PASSWORD_MARK);
    }

    @Test
    void shouldSayWhichOfTwoWritableNodesIsTaken() {
        factory = over(cluster().nodes()).build();
        run("CREATE TABLE IF NOT EXISTS written (id int)").block(LIMIT);
        makeWritable(replica());
        try {
            await().atMost(LIMIT).until(() -> factory.currentTopology().alarm() != null);
            assertThat(factory.currentTopology().alarm())
                    .isEqualTo(
                            "more than one writable node: node1 is taken as the primary, but node2 accepts writes too;"
                                    + " make it a replica again or stop it");
            assertThat(warnings())
                    .containsExactly("alarm: " + factory.currentTopology().alarm());
            routed.clear();
            run("INSERT INTO written VALUES (1)").block(LIMIT);
            assertThat(routed.nodes()).containsExactly("node1");
        } finally {
            cluster().rejoin(replica());
        }
    }

    @Test
    void shouldUseAServerOnceThatIsNamedTwice() {
        ClusterNode replica = replica();
        factory = over(cluster().nodes())
                .node("again", "localhost", cluster().primary().port())
                .node("proxied", replica.proxy().host(), replica.proxy().port())
                .build();
        run("CREATE TABLE IF NOT EXISTS once (id int)").block(LIMIT);
        await().atMost(LIMIT)
                .until(() -> state("again").isUnfit() && state("proxied").isUnfit());
        assertThat(state("again").problem())
                .hasToString("is the same server as node node1, under another address, needed a server of its own;"
                        + " name each server once");
        assertThat(state("proxied").problem()).asString().contains("is the same server as node node2");
        assertThat(factory.currentTopology().alarm()).isNull();
        assertThat(factory.currentTopology().primary().id().name()).isEqualTo("node1");
        assertThat(warnings())
                .containsExactlyInAnyOrder(
                        "node again must not be used: it " + state("again").problem(),
                        "node proxied must not be used: it " + state("proxied").problem());
        assertThat(factory.explain("SELECT 1").toString())
                .contains("again unhealthy: is the same server as node node1");
    }

    @Test
    void shouldReadAndSayThatThePrimaryIsMissingWhereAllNodesAreReplicas() {
        factory = over(List.of(replica())).build();
        run("SELECT 1").block(LIMIT);
        assertThat(routed.roles()).containsOnly(NodeRole.REPLICA);
        NoEligibleNodeException error = failure(NoEligibleNodeException.class, "CREATE TABLE nothing (id int)");
        assertThat(error)
                .hasMessageContaining("no primary: every node is a replica, node2; they receive from 127.0.0.1:"
                        + cluster().primary().port()
                        + ", which is not among the nodes: add it, or promote one of them");
        assertThat(error.problems()).extracting(Problem::subject).containsExactly("node node2");
        assertThat(warnings()).hasSize(1).first().asString().contains("every node is a replica");
    }

    /** Has the nodes watched and returns what is wrong with one of them. */
    NodeProblem firstProblem(String node) {
        factory.create().flatMap(connection -> Mono.from(connection.close())).subscribe(null, unusable -> {});
        await().atMost(LIMIT)
                .until(() -> state(node).problem() != null && state(node).health() != NodeHealth.UNKNOWN);
        return Objects.requireNonNull(state(node).problem());
    }

    /** Runs a text that is to fail. */
    <E extends Throwable> E failure(Class<E> type, String sql) {
        E error = catchThrowableOfType(type, () -> run(sql).block(LIMIT));
        assertThat(error).as("what " + sql + " failed with").isNotNull();
        return error;
    }

    /** Asserts that the message and one of the parts tell what they should. */
    static <E extends Throwable & Explained> void assertExplained(
            E error, String subject, String seen, String needed, String remedy) {
        assertThat(error)
                .hasMessageContaining(seen)
                .hasMessageContaining(needed)
                .hasMessageContaining(remedy);
        assertThat(error.problems()).anySatisfy(problem -> {
            assertThat(problem.subject()).isEqualTo(subject);
            assertThat(problem.seen()).contains(seen);
            assertThat(problem.needed()).isEqualTo(needed);
            assertThat(problem.remedy()).isEqualTo(remedy);
        });
    }

    NodeState state(String node) {
        return Objects.requireNonNull(factory.currentTopology().node(new NodeId(node)));
    }

    List<String> warnings() {
        return List.copyOf(lines.list).stream()
                .filter(line -> line.getLevel().isGreaterOrEqual(Level.WARN))
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    Mono<Void> run(String sql) {
        return Mono.usingWhen(
                factory.create(),
                connection -> Flux.from(connection.createStatement(sql).execute())
                        .concatMap(Result::getRowsUpdated)
                        .then(),
                Connection::close);
    }
}
