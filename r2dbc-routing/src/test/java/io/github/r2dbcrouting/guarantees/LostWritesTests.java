package io.github.r2dbcrouting.guarantees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.DatabaseClusters;
import io.github.r2dbcrouting.DatabaseKind;
import io.github.r2dbcrouting.RoutedStatements;
import io.github.r2dbcrouting.Routing;
import io.github.r2dbcrouting.RoutingConnectionFactory;
import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.consistency.ConsistencySession;
import io.github.r2dbcrouting.session.LossCounts;
import io.github.r2dbcrouting.session.SessionEvent;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Replication;
import io.github.r2dbcrouting.topology.Topology;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;

/**
 * A primary dies with writes that no replica has received, one of them is promoted, and the old primary comes back as a replica. Who has
 * seen only what survived notices nothing; whoever has seen more is told once, and goes on.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LostWritesTests {

    @RegisterExtension
    static final DatabaseClusters CLUSTERS = new DatabaseClusters();

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String KEY = "0123456789abcdef0123456789abcdef";
    private static final String READ = "SELECT number FROM entry ORDER BY number";

    private final List<SessionEvent> events = new CopyOnWriteArrayList<>();
    private final List<RoutingConnectionFactory> factories = new ArrayList<>();
    private LocalCluster cluster;
    private DatabaseKind kind;
    private RoutingConnectionFactory factory;
    private ClusterNode old;
    private ClusterNode promoted;
    private ClusterNode follower;

    @BeforeAll
    static void createTables() {
        CLUSTERS.all().forEach(cluster -> cluster.execute("CREATE TABLE entry (number bigint)"));
    }

    @AfterEach
    void heal() {
        factories.forEach(each -> each.close().block(LIMIT));
        cluster.heal();
        cluster.execute("DELETE FROM entry");
        cluster.awaitReplication();
    }

    /** First: of a third timeline a process that comes later does not know the parent without the history file. */
    @Order(1)
    @ParameterizedTest
    @EnumSource
    void shouldTellOnceWhatAFailoverHasCostASessionAndKeepTheOldPrimaryOut(DatabaseKind database) {
        begin(database);
        ConsistencySession survivor = ConsistencySession.create();
        ConsistencySession loser = ConsistencySession.create();
        ConsistencySession hasty = ConsistencySession.create();
        write(factory, survivor, 1);
        String early = export(survivor);
        cluster.awaitReplication();
        cutOffReplicas();
        write(factory, loser, 2);
        String late = export(loser);
        write(factory, hasty, 3);
        failOver();
        write(factory, ConsistencySession.create(), 4);
        // None of the others follows from that write, so they need not see it.
        cluster.awaitReplication();

        assertThat(readsOnAReplica(factory, survivor)).containsExactly(1L, 4L);
        assertThat(factory.losses()).as("nothing of that one is lost").isEqualTo(new LossCounts(0, 0));
        assertThat(read(factory, loser).numbers()).containsExactly(1L, 4L);
        assertThat(readsOnAReplica(factory, loser)).containsExactly(1L, 4L);
        assertThat(factory.losses()).isEqualTo(new LossCounts(1, 0));
        assertThat(read(factory, hasty).numbers())
                .as("its position was never known")
                .containsExactly(1L, 4L);
        assertThat(factory.losses()).isEqualTo(new LossCounts(1, 1));
        write(factory, loser, 5);
        assertThat(readsOnAReplica(factory, loser)).containsExactly(1L, 4L, 5L);
        await().atMost(LIMIT).until(() -> events.size() == 2);
        assertThat(events)
                .extracting(SessionEvent::kind)
                .containsExactly(SessionEvent.Kind.WRITE_LOST, SessionEvent.Kind.OUTCOME_UNKNOWN);
        assertThat(events.get(0).loss().primary()).isEqualTo(id(promoted));

        // Another process, which has seen none of it, is told by the servers.
        RoutingConnectionFactory other = factory();
        awaitFollower(other);
        assertThat(readsOnAReplica(other, accepted(other, early))).containsExactly(1L, 4L, 5L);
        assertThat(other.losses()).isEqualTo(new LossCounts(0, 0));
        assertThat(readsOnAReplica(other, accepted(other, late))).containsExactly(1L, 4L, 5L);
        assertThat(other.losses()).isEqualTo(new LossCounts(1, 0));

        comeBackAsReplica();
        assertThat(old.query(READ)).as("what it would show").contains(List.of("2"), List.of("3"));
        for (RoutingConnectionFactory each : List.of(factory, other)) {
            await().atMost(LIMIT).until(() -> state(each, old).isUnfit());
            assertKeptOut(each);
        }
        promoted.kill();
        await().atMost(LIMIT).until(() -> factory.currentTopology().primary() == null);
        for (int i = 0; i < 10; i++) {
            SessionUser anybody = new SessionUser(factory, Consistency.eventual());
            assertThat(anybody.read(READ).block(LIMIT).node()).isEqualTo(follower.name());
        }
    }

    private void assertKeptOut(RoutingConnectionFactory each) {
        String reason = each.explain(READ).verdicts().get(id(old));
        assertThat(reason)
                .startsWith("unhealthy: holds changes that the primary does not have")
                .endsWith("copy it anew from the primary, or rewind it");
        assertThatThrownBy(() -> new SessionUser(each, Consistency.eventual())
                        .read(READ)
                        .contextWrite(Routing.using(old.name()))
                        .block(LIMIT))
                .hasMessageContaining("holds changes that the primary does not have");
        for (int i = 0; i < 10; i++) {
            SessionUser anybody = new SessionUser(each, Consistency.eventual());
            assertThat(anybody.read(READ).block(LIMIT).node()).isEqualTo(follower.name());
        }
    }

    /** A restarted server has forgotten where it began to write; only the history file tells it then. */
    @Order(2)
    @Test
    void shouldSayThatItDoesNotKnowWhereTheHistoryCannotBeRead() {
        begin(DatabaseKind.POSTGRESQL);
        ConsistencySession loser = ConsistencySession.create();
        cutOffReplicas();
        write(factory, loser, 2);
        String late = export(loser);
        failOver();
        promoted.restart();
        cluster.awaitReplication();

        RoutingConnectionFactory blind = factory();
        awaitFollower(blind);
        assertThat(readsOnAReplica(blind, accepted(blind, late))).isEmpty();
        assertThat(blind.losses()).isEqualTo(new LossCounts(0, 1));

        cluster.execute(
                "CREATE FUNCTION routing_timeline_history(timeline integer) RETURNS text LANGUAGE sql STABLE STRICT"
                        + " SECURITY DEFINER AS $$ SELECT pg_read_file('pg_wal/' || lpad(upper(to_hex(timeline)), 8, '0')"
                        + " || '.history') $$");
        RoutingConnectionFactory seeing = factory();
        awaitFollower(seeing);
        assertThat(readsOnAReplica(seeing, accepted(seeing, late))).isEmpty();
        assertThat(seeing.losses()).isEqualTo(new LossCounts(1, 0));
        cluster.execute("DROP FUNCTION routing_timeline_history");
    }

    private void begin(DatabaseKind database) {
        kind = database;
        cluster = CLUSTERS.of(database);
        old = cluster.primary();
        promoted = cluster.replicas().get(0);
        follower = cluster.replicas().get(1);
        factory = factory();
        factory.sessionEvents().subscribe(events::add);
        read(factory, ConsistencySession.create());
        await().atMost(LIMIT)
                .until(() -> cluster.replicas().stream()
                        .allMatch(node -> state(factory, node).isUsable()));
    }

    private RoutingConnectionFactory factory() {
        RoutingConnectionFactory made = new RoutedStatements()
                .over(cluster, kind.driver)
                .maxLag(Duration.ofMinutes(1))
                .tokenKeys(KEY)
                .build();
        factories.add(made);
        return made;
    }

    /** They go on to live, as in a network that has come apart. */
    private void cutOffReplicas() {
        for (ClusterNode replica : cluster.replicas()) {
            if (kind == DatabaseKind.POSTGRESQL) {
                replica.execute("ALTER SYSTEM SET primary_conninfo = ''");
                replica.execute("SELECT pg_reload_conf()");
                await().atMost(LIMIT)
                        .until(() -> replica.query("SELECT pid FROM pg_stat_wal_receiver")
                                .isEmpty());
            } else {
                replica.execute("STOP SLAVE IO_THREAD");
            }
        }
    }

    private void failOver() {
        old.kill();
        cluster.promote(promoted);
        awaitFollower(factory);
    }

    private void awaitFollower(RoutingConnectionFactory each) {
        read(each, ConsistencySession.create());
        await().atMost(LIMIT).until(() -> {
            Topology topology = each.currentTopology();
            NodeState primary = topology.primary();
            Replication sample = state(each, follower).replication();
            return primary != null && primary.id().equals(id(promoted)) && sample != null && sample.lag() != null;
        });
    }

    private void comeBackAsReplica() {
        if (kind == DatabaseKind.POSTGRESQL) {
            Path data = cluster.directory().resolve(old.name()).resolve("data");
            try {
                Files.createFile(data.resolve("standby.signal"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            old.start();
        } else {
            old.start();
            old.execute("SET GLOBAL read_only = 1");
        }
        await().atMost(LIMIT).until(() -> state(factory, old).role() == NodeRole.REPLICA);
    }

    private static void write(RoutingConnectionFactory each, ConsistencySession session, int number) {
        user(each, session).write("INSERT INTO entry VALUES (" + number + ")").block(LIMIT);
    }

    private static SessionUser.Seen read(RoutingConnectionFactory each, ConsistencySession session) {
        return Objects.requireNonNull(user(each, session).read(READ).block(LIMIT));
    }

    /** Returns what the first read shows that is not on the primary. */
    private List<Long> readsOnAReplica(RoutingConnectionFactory each, ConsistencySession session) {
        SessionUser user = user(each, session);
        SessionUser.Seen seen = Flux.defer(() -> user.read(READ))
                .repeat()
                .filter(one -> !one.node().equals(promoted.name()))
                .blockFirst(LIMIT);
        assertThat(Objects.requireNonNull(seen).node()).isEqualTo(follower.name());
        return seen.numbers();
    }

    private static SessionUser user(RoutingConnectionFactory each, ConsistencySession session) {
        return new SessionUser(each, Consistency.readYourWrites(), session);
    }

    private String export(ConsistencySession session) {
        return Objects.requireNonNull(factory.tokens().export(session).block(LIMIT));
    }

    private static ConsistencySession accepted(RoutingConnectionFactory each, String token) {
        return each.tokens().accept(token);
    }

    private static NodeState state(RoutingConnectionFactory each, ClusterNode node) {
        return Objects.requireNonNull(each.currentTopology().node(id(node)));
    }

    private static NodeId id(ClusterNode node) {
        return new NodeId(node.name());
    }
}
