package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import io.github.r2dbcrouting.cluster.RequiresPackage;
import io.github.r2dbcrouting.error.StartupException;
import io.github.r2dbcrouting.topology.NodeHealth;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class PostgresqlMistakesTests extends MistakesContract {

    @RegisterExtension
    static final LocalClusterExtension CLUSTER =
            LocalClusterExtension.of(LocalCluster.postgresql().replicas(1).setting("wal_level", "logical"));

    /** Has the same users with other passwords, but for the one of the tests. */
    @RegisterExtension
    static final LocalClusterExtension OTHER =
            LocalClusterExtension.of(LocalCluster.postgresql().replicas(0));

    @Override
    LocalCluster cluster() {
        return CLUSTER.cluster();
    }

    @Override
    String driver() {
        return "postgresql";
    }

    @Override
    char quote() {
        return '"';
    }

    @Override
    void makeWritable(ClusterNode replica) {
        replica.query("SELECT pg_promote()");
    }

    @Test
    void shouldSayThatTheDatabaseIsNotKnown() {
        factory = over(cluster().nodes()).database("nowhere").build();
        assertThat(firstProblem("node1"))
                .hasToString("answers, but refuses the monitor: database \"nowhere\" does not exist;"
                        + " check its user and rights, and the name of the database");
    }

    @Test
    void shouldRefuseANodeOfAnotherCluster() {
        letIn();
        factory = over(cluster().nodes())
                .node("stranger", other().host(), other().port())
                .build();
        run("CREATE TABLE IF NOT EXISTS written (id int)").block(LIMIT);
        await().atMost(LIMIT).until(() -> state("stranger").isUnfit());
        assertThat(state("stranger").problem())
                .hasToString("belongs to another cluster, system identifier " + identifier(other())
                        + ", needed that of the others, " + identifier(cluster().primary())
                        + "; remove it from the nodes");
        assertThat(warnings())
                .containsExactly("node stranger must not be used: it "
                        + state("stranger").problem());
        assertThat(factory.currentTopology().primary().id().name()).isEqualTo("node1");
        assertThat(factory.currentTopology().alarm()).isNull();
    }

    @Test
    void shouldRefuseALogicalSubscriberByName() {
        letIn();
        cluster().execute("CREATE TABLE IF NOT EXISTS orders (id int PRIMARY KEY)");
        cluster().execute("CREATE PUBLICATION all_orders FOR TABLE orders");
        other().execute("CREATE TABLE orders (id int PRIMARY KEY)");
        other().execute("CREATE SUBSCRIPTION orders_copy CONNECTION 'host="
                + cluster().primary().host() + " port="
                + cluster().primary().port() + " dbname=" + cluster().database() + " user="
                + cluster().superuserUsername() + " password=" + cluster().superuserPassword()
                + "' PUBLICATION all_orders");
        try {
            // First in the list, which does not make it the primary.
            factory = builder()
                    .node("subscriber", other().host(), other().port())
                    .node(
                            "node1",
                            cluster().primary().host(),
                            cluster().primary().port())
                    .build();
            run("INSERT INTO orders VALUES (1) ON CONFLICT DO NOTHING").block(LIMIT);
            assertThat(routed.nodes()).containsExactly("node1");
            assertThat(state("subscriber").problem())
                    .asString()
                    .startsWith("is a logical subscriber (orders_copy) and so another cluster, system identifier "
                            + identifier(other()))
                    .contains("; remove it from the nodes: logical replication brings it some of the tables");
            assertThat(warnings()).hasSize(1).first().asString().contains("node subscriber must not be used: it is a");
        } finally {
            other().execute("DROP SUBSCRIPTION orders_copy");
            cluster().execute("DROP PUBLICATION all_orders");
        }
    }

    @Test
    @RequiresPackage(debianPackage = "pgbouncer", command = "pgbouncer")
    void shouldRefuseAPoolerThatLendsSessionsForSingleTransactions() {
        try (Pgbouncer pgbouncer = Pgbouncer.before(cluster().primary(), cluster(), "transaction")) {
            factory = builder()
                    .node("pooled", "127.0.0.1", pgbouncer.port())
                    .option(RoutingOptions.STARTUP_TIMEOUT, Duration.ofSeconds(5))
                    .build();
            run("SELECT 1").onErrorComplete().block(LIMIT);
            await().atMost(LIMIT).until(() -> state("pooled").isUnfit());
            assertThat(state("pooled").problem())
                    .asString()
                    .startsWith("is reached through a pooler that lends sessions for single transactions: session ")
                    .endsWith(", needed a session for each connection, on whose settings, locks and positions one can"
                            + " rely; give the server's own address, or let the pooler pool sessions"
                            + " (pool_mode = session)");
            assertThat(warnings())
                    .hasSize(1)
                    .first()
                    .asString()
                    .contains("node pooled must not be used: it is reached");
            assertExplained(
                    failure(StartupException.class, "CREATE TABLE nothing (id int)"),
                    "node pooled",
                    "is reached through a pooler",
                    "a session for each connection, on whose settings, locks and positions one can rely",
                    "give the server's own address, or let the pooler pool sessions (pool_mode = session)");
            await().during(Duration.ofMillis(500))
                    .atMost(LIMIT)
                    .until(() -> state("pooled").isUnfit());
        }
    }

    @Test
    @RequiresPackage(debianPackage = "pgbouncer", command = "pgbouncer")
    void shouldUseAPoolerThatPoolsSessions() {
        try (Pgbouncer pgbouncer = Pgbouncer.before(cluster().primary(), cluster(), "session")) {
            factory = builder().node("pooled", "127.0.0.1", pgbouncer.port()).build();
            run("CREATE TABLE IF NOT EXISTS pooled (id int)").block(LIMIT);
            await().during(Duration.ofMillis(500))
                    .atMost(LIMIT)
                    .until(() -> state("pooled").health() == NodeHealth.HEALTHY);
            factory.close().block(LIMIT);
        }
    }

    @Test
    void shouldRefuseAServerThatIsTooOld() {
        try (ServerThatSaysItIsOld old = ServerThatSaysItIsOld.start("11.22")) {
            factory =
                    over(cluster().nodes()).node("old", "127.0.0.1", old.port()).build();
            run("CREATE TABLE IF NOT EXISTS written (id int)").block(LIMIT);
            await().atMost(LIMIT).until(() -> state("old").isUnfit());
            assertThat(state("old").problem())
                    .hasToString("runs PostgreSQL 11.22, needed PostgreSQL 12 or later;"
                            + " upgrade the server or remove it from the nodes");
            assertThat(warnings())
                    .containsExactly(
                            "node old must not be used: it " + state("old").problem());
            // It is not asked anew by a new connection each time.
            await().during(Duration.ofMillis(500)).atMost(LIMIT).until(() -> old.connections() == 1);
        }
    }

    private static ClusterNode other() {
        return OTHER.cluster().primary();
    }

    /** Gives the users of the other cluster the passwords that they have in this one. */
    private void letIn() {
        other().execute("ALTER ROLE " + cluster().username() + " PASSWORD '"
                + cluster().password() + "'");
        other().execute("ALTER ROLE " + cluster().monitorUsername() + " PASSWORD '"
                + cluster().monitorPassword() + "'");
    }

    private static String identifier(ClusterNode node) {
        return node.query("SELECT system_identifier FROM pg_control_system()")
                .get(0)
                .get(0);
    }
}
