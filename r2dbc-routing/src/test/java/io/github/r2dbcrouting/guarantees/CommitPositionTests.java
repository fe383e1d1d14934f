package io.github.r2dbcrouting.guarantees;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.RoutedStatements;
import io.github.r2dbcrouting.RoutingConnectionFactory;
import io.github.r2dbcrouting.RoutingConnectionFactoryBuilder;
import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.guarantees.SessionUser.Seen;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Option;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Which of PostgreSQL's positions a commit is at: the flushed one, which is reached at once, unless it did not wait for being flushed;
 * then only the inserted one is not too low.
 */
class CommitPositionTests {

    @RegisterExtension
    static final LocalClusterExtension CLUSTER =
            LocalClusterExtension.of(LocalCluster.postgresql().replicas(1));

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Option<Map<String, String>> SERVER_SETTINGS = Option.valueOf("options");
    private static final int ROUNDS = 10;

    private RoutedStatements routed;
    private RoutingConnectionFactory factory;
    private SessionUser user;

    @BeforeAll
    static void createTables() {
        CLUSTER.cluster().execute("CREATE TABLE entry (number bigint); CREATE TABLE other (number bigint)");
        CLUSTER.cluster().awaitReplication();
    }

    @AfterEach
    void close() {
        factory.close().block(LIMIT);
        CLUSTER.cluster().execute("ALTER ROLE app RESET synchronous_commit");
        CLUSTER.cluster().execute("ALTER SYSTEM RESET synchronous_commit");
        primary().query("SELECT pg_reload_conf()");
        CLUSTER.cluster().execute("TRUNCATE entry, other");
        CLUSTER.cluster().awaitReplication();
    }

    @Test
    void shouldReadOnAReplicaWhileAnIdleTransactionKeepsWhatIsInsertedFromBeingFlushed() {
        open(builder());
        Connection idle = Objects.requireNonNull(Mono.from(factory.create()).block(LIMIT));
        Mono.from(idle.beginTransaction()).block(LIMIT);
        List<String> nodes = new ArrayList<>();
        for (int round = 0; nodes.size() < 5; round++) {
            user.write("INSERT INTO entry VALUES (" + round + ")").block(LIMIT);
            SessionUser.updated(idle, "INSERT INTO other VALUES (1)").blockLast(LIMIT);
            long unflushed = unflushed();
            Seen seen = read(round);
            assertThat(seen.numbers()).as("%s", seen).hasSize(1);
            // Now and then the server flushes by itself.
            if (unflushed > 0 && unflushed() > 0) {
                nodes.add(seen.node());
            }
        }
        Mono.from(idle.rollbackTransaction()).then(Mono.from(idle.close())).block(LIMIT);
        assertThat(nodes).contains(replica().name());
    }

    /** How commits come not to wait for being flushed. */
    private enum Setting {
        BY_THE_CONNECTION {
            @Override
            RoutingConnectionFactoryBuilder configure(RoutingConnectionFactoryBuilder builder) {
                return builder.option(SERVER_SETTINGS, Map.of("synchronous_commit", "off"));
            }
        },
        OF_THE_ROLE {
            @Override
            RoutingConnectionFactoryBuilder configure(RoutingConnectionFactoryBuilder builder) {
                CLUSTER.cluster().execute("ALTER ROLE app SET synchronous_commit = off");
                return builder;
            }
        },
        OF_THE_SERVER_BEFORE_CONNECTIONS_ARE_RENEWED {
            @Override
            void opened(RoutingConnectionFactory factory) {
                CLUSTER.cluster().execute("ALTER SYSTEM SET synchronous_commit = off");
                primary().query("SELECT pg_reload_conf()");
                factory.renewConnections().block(LIMIT);
            }
        },
        OF_THE_ROLE_LATER {
            @Override
            void opened(RoutingConnectionFactory factory) {
                CLUSTER.cluster().execute("ALTER ROLE app SET synchronous_commit = off");
            }
        },
        OF_THE_SESSION {
            @Override
            Flux<?> write(Connection connection, String sql) {
                return SessionUser.updated(connection, "SET synchronous_commit = off")
                        .thenMany(SessionUser.updated(connection, sql));
            }
        },
        OF_THE_SESSION_BY_A_FUNCTION {
            @Override
            Flux<?> write(Connection connection, String sql) {
                return Flux.defer(() -> connection
                                .createStatement("SELECT set_config($1, $2, false)")
                                .bind("$1", "synchronous_commit")
                                .bind("$2", "off")
                                .execute())
                        .concatMap(result -> result.map((row, metadata) -> row.get(0)))
                        .thenMany(SessionUser.updated(connection, sql));
            }
        },
        OF_THE_TRANSACTION {
            @Override
            Flux<?> write(Connection connection, String sql) {
                return Flux.from(connection.beginTransaction())
                        .thenMany(SessionUser.updated(connection, "SET LOCAL synchronous_commit TO OFF"))
                        .thenMany(SessionUser.updated(connection, sql))
                        .thenMany(connection.commitTransaction());
            }
        };

        RoutingConnectionFactoryBuilder configure(RoutingConnectionFactoryBuilder builder) {
            return builder;
        }

        void opened(RoutingConnectionFactory factory) {}

        Flux<?> write(Connection connection, String sql) {
            return SessionUser.updated(connection, sql);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldShowAWriteWhoseCommitDidNotWaitForBeingFlushed(Setting setting) {
        open(setting.configure(builder()));
        user.write("INSERT INTO entry VALUES (-1)").block(LIMIT);
        setting.opened(factory);
        List<Seen> missed = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            String sql = "INSERT INTO entry VALUES (" + round + ")";
            user.use(connection -> setting.write(connection, sql).then(Mono.empty()))
                    .blockLast(LIMIT);
            Seen seen = read(round);
            if (seen.numbers().size() != 1) {
                missed.add(seen);
            }
        }
        assertThat(missed).isEmpty();
        Seen all = await().atMost(LIMIT)
                .until(
                        () -> user.read("SELECT number FROM entry").block(LIMIT),
                        seen -> seen.node().equals(replica().name()));
        assertThat(all.numbers()).hasSize(ROUNDS + 1);
    }

    private RoutingConnectionFactoryBuilder builder() {
        routed = new RoutedStatements();
        return routed.over(CLUSTER.cluster()).maxLag(Duration.ofMinutes(1)).catchUpTimeout(SessionUser.PATIENCE);
    }

    private void open(RoutingConnectionFactoryBuilder builder) {
        factory = builder.build();
        routed.awaitReplica(factory);
        user = new SessionUser(factory, Consistency.readYourWrites());
    }

    private Seen read(long number) {
        return Objects.requireNonNull(
                user.read("SELECT number FROM entry WHERE number = " + number).block(LIMIT));
    }

    private static long unflushed() {
        return Long.parseLong(primary()
                .query("SELECT (pg_current_wal_insert_lsn() - pg_current_wal_flush_lsn())::bigint")
                .get(0)
                .get(0));
    }

    private static ClusterNode primary() {
        return CLUSTER.cluster().primary();
    }

    private static ClusterNode replica() {
        return CLUSTER.cluster().replicas().get(0);
    }
}
