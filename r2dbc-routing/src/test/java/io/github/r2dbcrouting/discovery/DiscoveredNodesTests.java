package io.github.r2dbcrouting.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.DatabaseClusters;
import io.github.r2dbcrouting.DatabaseKind;
import io.github.r2dbcrouting.ReadOnly;
import io.github.r2dbcrouting.RoutingConnectionFactory;
import io.github.r2dbcrouting.RoutingConnectionFactoryBuilder;
import io.github.r2dbcrouting.RoutingOptions;
import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.connection.RoutingConnection;
import io.github.r2dbcrouting.settings.DiscoverySettings;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.NodeState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

class DiscoveredNodesTests {

    @RegisterExtension
    static final DatabaseClusters CLUSTERS = new DatabaseClusters();

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration INTERVAL = Duration.ofMillis(100);

    private RoutingConnectionFactory factory;
    private RoutingConnection user;
    private volatile Mono<List<NodeSettings>> answer = Mono.never();

    @AfterEach
    void close() {
        if (user != null) {
            Mono.from(user.close()).block(LIMIT);
        }
        factory.close().block(LIMIT);
    }

    @Test
    void shouldFollowTheListAndKeepItWhereItCannotBeTold() {
        LocalCluster cluster = CLUSTERS.of(DatabaseKind.POSTGRESQL);
        List<NodeSettings> all = settings(cluster);
        answer = Mono.just(all.subList(0, 2));
        use(builder(DatabaseKind.POSTGRESQL).discovery(() -> Mono.defer(() -> answer)));
        patiently().until(() -> names().equals(names(all.subList(0, 2))));

        answer = Mono.just(all);
        patiently().until(() -> names().equals(names(all)));
        patiently().until(() -> factory.discoveries().added() == 3);

        answer = Mono.just(List.of());
        awaitQuestions(DiscoveryCounts::failures);
        answer = Mono.error(new IllegalStateException("the list is being written"));
        awaitQuestions(DiscoveryCounts::failures);
        answer = Mono.defer(() -> {
            throw new IllegalStateException("a defect");
        });
        awaitQuestions(DiscoveryCounts::failures);
        assertThat(names()).isEqualTo(names(all));

        // The primary stays, whoever leaves it out.
        NodeId primary = factory.currentTopology().primary().id();
        answer = Mono.just(
                all.stream().filter(node -> node.id().equals(all.get(1).id())).toList());
        patiently().until(() -> factory.currentTopology().nodes().size() == 2);
        awaitQuestions(DiscoveryCounts::answers);
        assertThat(names()).contains(primary.name(), all.get(1).id().name());
        patiently().until(() -> factory.discoveries().removed() == 1);
    }

    @Test
    void shouldKeepANodeThatIsMissingOnce() {
        LocalCluster cluster = CLUSTERS.of(DatabaseKind.POSTGRESQL);
        List<NodeSettings> all = settings(cluster);
        List<Integer> asked = new ArrayList<>();
        answer = Mono.fromSupplier(() -> {
            asked.add(asked.size());
            return asked.size() > 1 && asked.size() % 2 == 0 ? all.subList(0, 2) : all;
        });
        use(builder(DatabaseKind.POSTGRESQL).discovery(() -> Mono.defer(() -> answer)));
        patiently().until(() -> factory.discoveries().answers() >= 8);

        assertThat(factory.discoveries().added()).isEqualTo(3);
        assertThat(factory.discoveries().removed()).isZero();
        assertThat(factory.currentTopology().nodes()).hasSize(3);
    }

    @ParameterizedTest
    @EnumSource
    void shouldReadAgainFromANodeThatIsListedAgainWhileSomethingRunsOnIt(DatabaseKind database) {
        List<NodeSettings> all = settings(CLUSTERS.of(database));
        leaveReplicasOutWhileATransactionIsOnOne(database, all);
        awaitQuestions(DiscoveryCounts::answers);
        assertThat(factory.nodes().drained()).as("on which the transaction is").hasSize(1);

        answer = Mono.just(all);
        patiently().until(() -> factory.nodes().drained().isEmpty());
        patiently().until(() -> names().equals(names(all)));
        awaitQuestions(DiscoveryCounts::answers);
        assertThat(factory.nodes().drained()).isEmpty();
        assertThat(factory.discoveries().removed()).isEqualTo(1);
        Mono.from(user.rollbackTransaction()).block(LIMIT);
    }

    @Test
    void shouldNotReadAgainFromANodeThatSomebodyElseHasDrainedWhileItWasBeingRemoved() {
        List<NodeSettings> all = settings(CLUSTERS.of(DatabaseKind.POSTGRESQL));
        leaveReplicasOutWhileATransactionIsOnOne(DatabaseKind.POSTGRESQL, all);
        patiently().until(() -> factory.nodes().drained().size() == 1);
        String busy = factory.nodes().drained().iterator().next();
        factory.nodes().drain(busy, Duration.ZERO).blockLast(LIMIT);

        answer = Mono.just(all);
        patiently().until(() -> names().equals(names(all)));
        awaitQuestions(DiscoveryCounts::answers);
        assertThat(factory.nodes().drained()).containsExactly(busy);
        factory.nodes().resume(busy).block(LIMIT);
        assertThat(factory.nodes().drained()).isEmpty();
        Mono.from(user.rollbackTransaction()).block(LIMIT);
    }

    @Test
    void shouldNotReadAgainFromANodeThatSomebodyElseHasDrained() {
        List<NodeSettings> all = settings(CLUSTERS.of(DatabaseKind.POSTGRESQL));
        answer = Mono.just(all);
        use(builder(DatabaseKind.POSTGRESQL).discovery(() -> Mono.defer(() -> answer)));
        patiently()
                .until(() -> factory.discoveries().added() == 3
                        && factory.currentTopology().primary() != null);
        NodeId primary = factory.currentTopology().primary().id();
        String drained = names().stream()
                .filter(name -> !name.equals(primary.name()))
                .findFirst()
                .orElseThrow();
        factory.nodes().drain(drained, LIMIT).blockLast(LIMIT);
        awaitQuestions(DiscoveryCounts::answers);
        assertThat(factory.nodes().drained()).containsExactly(drained);
    }

    @Test
    void shouldLetADiscoveryBlockWhileTheNodesAreProbed() throws InterruptedException {
        List<NodeSettings> all = settings(CLUSTERS.of(DatabaseKind.POSTGRESQL));
        CountDownLatch blocked = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger questions = new AtomicInteger();
        use(builder(DatabaseKind.POSTGRESQL).discovery(() -> {
            if (questions.getAndIncrement() == 1) {
                blocked.countDown();
                try {
                    release.await();
                } catch (InterruptedException gaveUp) {
                    Thread.currentThread().interrupt();
                }
            }
            return Mono.just(all);
        }));
        assertThat(blocked.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        try {
            factory.topology()
                    .map(topology -> topology.primary())
                    .filter(Objects::nonNull)
                    .map(primary -> primary.replication().sampledAt())
                    .distinct()
                    .take(3)
                    .blockLast(LIMIT);
        } finally {
            release.countDown();
        }
        patiently().until(() -> questions.get() >= 3);
    }

    @Test
    void shouldNeverRemoveWhatWasNamedBesides() {
        LocalCluster cluster = CLUSTERS.of(DatabaseKind.POSTGRESQL);
        List<NodeSettings> all = settings(cluster);
        answer = Mono.just(all.subList(0, 1));
        ClusterNode named = cluster.nodes().get(2);
        use(builder(DatabaseKind.POSTGRESQL)
                .node(named.name(), named.host(), named.port())
                .discovery(() -> Mono.defer(() -> answer)));
        patiently().until(() -> factory.discoveries().answers() >= 5);

        assertThat(names())
                .containsExactlyInAnyOrder(named.name(), all.get(0).id().name());
        assertThat(factory.discoveries().removed()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void shouldBeginWithTheServicesOfAName(DatabaseKind database) {
        LocalCluster cluster = CLUSTERS.of(database);
        try (FakeDnsServer dns = new FakeDnsServer()) {
            dns.services(
                    "_database._tcp.test",
                    cluster.nodes().stream()
                            .map(node -> "1 1 " + node.port() + " localhost.")
                            .toArray(String[]::new));
            use(builder(database)
                    .discovery(new DnsDiscovery(
                            dns.resolvers(Duration.ofSeconds(2)),
                            Schedulers.boundedElastic(),
                            List.of(NodeSettings.of("_database._tcp.test", 1)))));
            patiently()
                    .until(() -> factory.currentTopology().nodes().size() == 3
                            && factory.currentTopology().primary() != null);
            assertThat(names()).contains("localhost:" + cluster.primary().port());

            dns.fallSilent();
            awaitQuestions(DiscoveryCounts::failures);
            assertThat(factory.currentTopology().nodes()).hasSize(3);
        }
    }

    @Test
    void shouldFindTheReplicasThatMariadbReports() {
        LocalCluster cluster = CLUSTERS.of(DatabaseKind.MARIADB);
        ClusterNode primary = cluster.primary();
        use(builder(DatabaseKind.MARIADB)
                .node(primary.host(), primary.port())
                .option(RoutingOptions.DISCOVERY, DiscoverySettings.Mode.SERVER));
        patiently().until(() -> names().equals(names(settings(cluster))));
    }

    @Test
    void shouldFindTheReplicasOfPostgresqlByTheirNames() {
        LocalCluster cluster = CLUSTERS.of(DatabaseKind.POSTGRESQL);
        ClusterNode primary = cluster.primary();
        Map<String, ClusterNode> replicas =
                cluster.replicas().stream().collect(Collectors.toMap(ClusterNode::name, Function.identity()));
        use(builder(DatabaseKind.POSTGRESQL)
                .node(primary.host(), primary.port())
                .discoverReplicas((replica, of) -> {
                    ClusterNode node = replicas.get(replica.name());
                    return node == null ? null : NodeSettings.of(node.host(), node.port());
                }));
        patiently().until(() -> names().equals(names(settings(cluster))));
        assertThat(factory.currentTopology().nodes()).allMatch(node -> !node.isUnfit());
    }

    @ParameterizedTest
    @EnumSource
    void shouldKeepTheNodesWhereTheMonitorMayNotSeeTheReplicas(DatabaseKind database) {
        LocalCluster cluster = CLUSTERS.of(database);
        RoutingConnectionFactoryBuilder builder = builder(database)
                .monitorCredentials(cluster.username(), cluster.password())
                .option(RoutingOptions.DISCOVERY, DiscoverySettings.Mode.SERVER);
        cluster.nodes().forEach(node -> builder.node(node.host(), node.port()));
        use(builder);
        awaitQuestions(DiscoveryCounts::failures);

        assertThat(factory.discoveries().answers()).isZero();
        assertThat(names()).isEqualTo(names(settings(cluster)));
    }

    @Test
    void shouldSayThatNothingWasDiscovered() {
        answer = Mono.error(new IllegalStateException("nobody knows"));
        factory = builder(DatabaseKind.POSTGRESQL)
                .discovery(() -> Mono.defer(() -> answer))
                .option(RoutingOptions.STARTUP_TIMEOUT, Duration.ofMillis(300))
                .build();
        assertThatThrownBy(() -> factory.create().block(LIMIT))
                .hasMessageContaining("no usable node within 300 ms: none was discovered");
    }

    private void leaveReplicasOutWhileATransactionIsOnOne(DatabaseKind database, List<NodeSettings> all) {
        answer = Mono.just(all);
        use(builder(database).discovery(() -> Mono.defer(() -> answer)));
        patiently()
                .until(() -> factory.discoveries().added() == 3
                        && factory.currentTopology().nodes().stream().allMatch(NodeState::isUsable));
        NodeId primary = factory.currentTopology().primary().id();
        Mono.from(user.beginTransaction(ReadOnly.TRANSACTION)).block(LIMIT);
        Flux.from(user.createStatement("SELECT 1").execute())
                .flatMap(result -> result.map((row, metadata) -> row.get(0)))
                .blockLast(LIMIT);

        answer =
                Mono.just(all.stream().filter(node -> node.id().equals(primary)).toList());
        patiently().until(() -> factory.discoveries().removed() == 1);
    }

    private RoutingConnectionFactoryBuilder builder(DatabaseKind database) {
        LocalCluster cluster = CLUSTERS.of(database);
        return RoutingConnectionFactory.builder()
                .driver(database.driver)
                .credentials(cluster.username(), cluster.password())
                .monitorCredentials(cluster.monitorUsername(), cluster.monitorPassword())
                .database(cluster.database())
                .probeInterval(INTERVAL)
                .option(RoutingOptions.PROBE_TIMEOUT, Duration.ofSeconds(10))
                .option(RoutingOptions.STARTUP_TIMEOUT, LIMIT)
                .option(RoutingOptions.DISCOVERY_INTERVAL, INTERVAL);
    }

    /** Nothing is discovered while nobody uses the factory. */
    private void use(RoutingConnectionFactoryBuilder builder) {
        factory = builder.build();
        user = factory.create().block(LIMIT);
    }

    private static ConditionFactory patiently() {
        return await().atMost(LIMIT);
    }

    private void awaitQuestions(Function<DiscoveryCounts, Long> count) {
        long before = count.apply(factory.discoveries());
        patiently().until(() -> count.apply(factory.discoveries()) >= before + 3);
    }

    private List<String> names() {
        return factory.currentTopology().nodes().stream()
                .map(node -> node.id().name())
                .sorted()
                .toList();
    }

    private static List<String> names(List<NodeSettings> nodes) {
        return nodes.stream().map(node -> node.id().name()).sorted().toList();
    }

    private static List<NodeSettings> settings(LocalCluster cluster) {
        return cluster.nodes().stream()
                .map(node -> NodeSettings.of(node.host(), node.port()))
                .toList();
    }
}
