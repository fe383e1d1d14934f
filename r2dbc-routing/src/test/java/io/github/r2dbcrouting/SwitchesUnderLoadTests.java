package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.consistency.ConsistencySession;
import io.github.r2dbcrouting.selection.Overrides;
import io.github.r2dbcrouting.services.StatementRoute;
import io.github.r2dbcrouting.switches.RoutingSwitches;
import io.github.r2dbcrouting.switches.Terms;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Replication;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Result;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Each switch while sessions read and write, on real servers: nothing fails, every session sees its writes, reads go where they should. */
class SwitchesUnderLoadTests {

    @RegisterExtension
    static final DatabaseClusters CLUSTERS = new DatabaseClusters();

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration MAX_LAG = Duration.ofSeconds(1);
    private static final Terms TEST = Terms.because("a test");
    private static final int CALLERS = 8;

    private final RoutedStatements routed = new RoutedStatements();
    private final AtomicIntegerArray rounds = new AtomicIntegerArray(CALLERS);
    private final AtomicBoolean stopped = new AtomicBoolean();
    private LocalCluster cluster;
    private RoutingConnectionFactory factory;
    private RoutingSwitches switches;
    private CompletableFuture<Void> load;

    @BeforeAll
    static void createTables() {
        for (LocalCluster each : CLUSTERS.all()) {
            each.execute("CREATE TABLE counter (id int PRIMARY KEY, version int NOT NULL)");
            for (int caller = 0; caller < CALLERS; caller++) {
                each.execute("INSERT INTO counter VALUES (" + caller + ", 0)");
            }
            each.awaitReplication();
        }
    }

    @AfterEach
    void close() {
        stopped.set(true);
        factory.close().block(LIMIT);
        cluster.heal();
    }

    @ParameterizedTest
    @EnumSource
    void shouldSendReadsWhereTheyAreSwitchedAndFailNone(DatabaseKind database) {
        begin(database);
        String primary = cluster.primary().name();
        Set<String> replicas = Set.of(
                cluster.replicas().get(0).name(), cluster.replicas().get(1).name());
        assertThat(nodesOfReads()).containsAll(replicas);

        switches.routingOff(TEST);
        assertThat(nodesOfReads()).containsOnly(primary);
        switches.routingOn(TEST);
        assertThat(nodesOfReads()).containsAll(replicas);

        switches.exclude(cluster.replicas().get(0).name(), TEST);
        assertThat(nodesOfReads())
                .contains(cluster.replicas().get(1).name())
                .doesNotContain(cluster.replicas().get(0).name());
        switches.include(cluster.replicas().get(0).name(), TEST);
        assertThat(nodesOfReads()).containsAll(replicas);

        switches.shadowOn(TEST);
        assertThat(nodesOfReads()).containsOnly(primary);
        assertThat(factory.shadow().onReplicas()).isPositive();
        switches.shadowOff(TEST);
        assertThat(nodesOfReads()).containsAll(replicas);

        switches.replicaShare(0, TEST);
        assertThat(nodesOfReads()).containsOnly(primary);
        switches.replicaShare(50, TEST);
        Map<String, Set<Boolean>> half = sides();
        assertThat(half.values()).allSatisfy(sides -> assertThat(sides).hasSize(1));
        assertThat(half.values()).contains(Set.of(true), Set.of(false));
        switches.replicaShare(75, TEST);
        sides().forEach((caller, sides) -> {
            assertThat(sides).hasSize(1);
            assertThat(half.get(caller).contains(true) && sides.contains(false))
                    .as("%s moved back to the primary", caller)
                    .isFalse();
        });
        switches.replicaShare(100, TEST);
        assertThat(nodesOfReads()).containsAll(replicas);

        switches.routingOff(TEST.expiringIn(Duration.ofMillis(500)));
        await().atMost(LIMIT).until(() -> switches.overrides().equals(Overrides.NONE));
        assertThat(nodesOfReads()).containsAll(replicas);
        end();
    }

    @ParameterizedTest
    @EnumSource
    void shouldReadOnALateReplicaWhereLagsAreNotLookedAt(DatabaseKind database) {
        begin(database);
        ClusterNode late = cluster.replicas().get(0);
        late.pauseReplay();
        await().atMost(LIMIT).until(() -> lagOf(late).compareTo(MAX_LAG) > 0);
        assertThat(eventually(CALLERS)).doesNotContain(late.name());

        switches.lagChecksOff(TEST);
        assertThat(eventually(CALLERS)).contains(late.name());
        assertThat(bounded(CALLERS)).as("a promise").doesNotContain(late.name());
        nodesOfReads();
        switches.lagChecksOn(TEST);
        assertThat(eventually(CALLERS)).doesNotContain(late.name());

        switches.maxLag(Duration.ofMinutes(10), TEST);
        assertThat(eventually(CALLERS)).contains(late.name());
        nodesOfReads();
        switches.configuredMaxLag(TEST);
        late.resumeReplay();
        end();
    }

    private void begin(DatabaseKind database) {
        cluster = CLUSTERS.of(database);
        factory = routed.over(cluster, database.driver)
                .maxSize(CALLERS)
                .maxLag(MAX_LAG)
                .option(RoutingOptions.PROBE_INTERVAL, Duration.ofMillis(100))
                .build();
        switches = factory.switches();
        routed.awaitReplica(factory);
        load = Flux.range(0, CALLERS)
                .flatMap(caller -> round(caller, ConsistencySession.create()), CALLERS)
                .then()
                .toFuture();
    }

    private void end() {
        stopped.set(true);
        assertThat(load).as("no statement failed").succeedsWithin(LIMIT);
        assertThat(factory.fallbackReads().running()).isZero();
    }

    /** Writes and reads on: whatever is switched meanwhile, the caller sees what it wrote. */
    private Mono<Void> round(int caller, ConsistencySession session) {
        String update = "UPDATE counter SET version = version + 1 WHERE id = " + caller;
        String select = "SELECT version FROM counter WHERE id = " + caller;
        Mono<Integer> read = use(connection -> version(connection, select));
        return Mono.defer(() -> read.flatMap(before -> use(connection -> Flux.from(
                                        connection.createStatement(update).execute())
                                .flatMap(Result::getRowsUpdated)
                                .then(Mono.just(before + 1)))
                        .flatMap(written -> read.repeat(3)
                                .doOnNext(seen -> {
                                    if (!seen.equals(written)) {
                                        throw new AssertionError(
                                                "caller " + caller + " wrote " + written + " and saw " + seen);
                                    }
                                })
                                .then())))
                .doOnSuccess(done -> rounds.incrementAndGet(caller))
                .repeat(() -> !stopped.get())
                .then()
                .contextWrite(Routing.session(session));
    }

    private static Mono<Integer> version(Connection connection, String select) {
        return Flux.from(connection.createStatement(select).execute())
                .concatMap(result -> result.map((row, metadata) -> row.get(0, Integer.class)))
                .single();
    }

    private <T> Mono<T> use(Function<Connection, Mono<T>> work) {
        return Mono.usingWhen(factory.create(), work::apply, Connection::close);
    }

    /** Returns where reads go that begin after this call. */
    private List<StatementRoute> reads() {
        awaitRounds(2);
        routed.clear();
        awaitRounds(2);
        return routed.all().stream()
                .filter(route -> route.sql().startsWith("SELECT"))
                .toList();
    }

    private void awaitRounds(int more) {
        int[] before = new int[CALLERS];
        for (int caller = 0; caller < CALLERS; caller++) {
            before[caller] = rounds.get(caller);
        }
        await().atMost(LIMIT).until(() -> {
            for (int caller = 0; caller < CALLERS; caller++) {
                if (rounds.get(caller) < before[caller] + more && !load.isDone()) {
                    return false;
                }
            }
            return true;
        });
        assertThat(load).as("still at work").isNotDone();
    }

    private List<String> nodesOfReads() {
        return reads().stream().map(route -> route.node().name()).toList();
    }

    /** Returns whether the share lets the reads of each caller go to replicas. */
    private Map<String, Set<Boolean>> sides() {
        Map<String, Set<Boolean>> sides = new HashMap<>();
        for (StatementRoute read : reads()) {
            sides.computeIfAbsent(read.sql(), caller -> new HashSet<>())
                    .add(!read.reason().contains("replica share"));
            assertThat(read.role() == NodeRole.REPLICA && read.reason().contains("replica share"))
                    .isFalse();
        }
        return sides;
    }

    private Set<String> eventually(int reads) {
        return nodesOf(Consistency.eventual(), reads);
    }

    private Set<String> bounded(int reads) {
        return nodesOf(Consistency.bounded(MAX_LAG), reads);
    }

    /** Returns where reads of a level go, of a caller who is no session. */
    private Set<String> nodesOf(Consistency level, int reads) {
        Set<String> nodes = new HashSet<>();
        for (int i = 0; i < reads; i++) {
            use(connection -> version(connection, "SELECT 1"))
                    .contextWrite(Routing.consistency(level))
                    .contextWrite(Routing.explain(decision -> nodes.add(
                            Objects.requireNonNull(decision.node()).id().name())))
                    .block(LIMIT);
        }
        return nodes;
    }

    private Duration lagOf(ClusterNode node) {
        NodeState state = Objects.requireNonNull(factory.currentTopology().node(new NodeId(node.name())));
        Replication replication = state.replication();
        return replication == null || replication.lag() == null ? Duration.ZERO : replication.lag();
    }
}
