package io.github.r2dbcrouting.spring;

import static io.github.r2dbcrouting.spring.NoteCluster.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.RoutedStatements;
import io.github.r2dbcrouting.RoutingConnectionFactory;
import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import io.r2dbc.pool.ConnectionPool;
import io.r2dbc.spi.ConnectionFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

/** What Boot applications leave behind at the servers and in the JVM when they have been closed. */
class BootShutdownTests {

    @RegisterExtension
    static final LocalClusterExtension CLUSTER = NoteCluster.extension();

    private static final Map<String, Object> SMALL_POOL = Map.of("spring.r2dbc.pool.initial-size", 2);

    @BeforeAll
    static void createNotes() {
        NoteCluster.createNotes(CLUSTER.cluster());
        CLUSTER.cluster().execute("INSERT INTO note (text) VALUES ('here from the start')");
    }

    @AfterEach
    void shouldHaveLeftNothing() {
        awaitNothingLeft();
    }

    /** Boot closes its own pool only, so the factories end when they are collected. */
    @Test
    void shouldLeaveNoSessionAndNoThreadAfterFiftyApplications() {
        for (int i = 0; i < 50; i++) {
            try (ConfigurableApplicationContext application = NoteApplication.over(CLUSTER.cluster(), SMALL_POOL)) {
                use(application);
            }
        }
        awaitNothingLeft();
    }

    /** Nothing is collected here, so resting is the only way. */
    @Test
    void shouldRestWhenBootHasClosedItsPoolThoughTheFactoryIsStillThere() {
        List<RoutingConnectionFactory> kept = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            try (ConfigurableApplicationContext application =
                    NoteApplication.over(CLUSTER.cluster(), Map.of("spring.r2dbc.properties.idleTimeout", "PT0.2S"))) {
                use(application);
                kept.add(NoteApplication.routingOf(application));
            }
        }
        await().atMost(NoteCluster.LIMIT).until(() -> sessions() == 0 && threads() == 0);
        assertThat(kept).noneMatch(RoutingConnectionFactory::isDisposed);
        for (RoutingConnectionFactory factory : kept) {
            NoteCluster.awaitNodes(factory);
            factory.close().block(NoteCluster.LIMIT);
        }
    }

    @Test
    void shouldNotRestWhileBootsPoolHoldsConnections() {
        try (ConfigurableApplicationContext application =
                NoteApplication.over(CLUSTER.cluster(), Map.of("spring.r2dbc.properties.idleTimeout", "PT0.2S"))) {
            use(application);
            RoutingConnectionFactory factory = NoteApplication.routingOf(application);
            assertThat(factory.topology()
                            .take(Duration.ofSeconds(1))
                            .collectList()
                            .block(NoteCluster.LIMIT))
                    .isNotEmpty()
                    .allMatch(topology -> topology.isUsable());
            use(application);
        }
    }

    @Test
    void shouldLetNobodyInAfterTheShutdown() {
        ConfigurableApplicationContext application = NoteApplication.over(CLUSTER.cluster(), SMALL_POOL);
        use(application);
        ConnectionPool pool = (ConnectionPool) application.getBean(ConnectionFactory.class);
        RoutingConnectionFactory factory = NoteApplication.routingOf(application);
        application.close();
        assertThat(pool.isDisposed()).isTrue();
        assertThatThrownBy(() -> pool.create().block(NoteCluster.LIMIT)).isInstanceOf(Exception.class);
        factory.close().block(NoteCluster.LIMIT);
        await().atMost(NoteCluster.LIMIT).until(() -> sessions() == 0);
    }

    /** Spring closes a bean by its own {@code close} method, and waits for what that returns. */
    @Test
    void shouldBeClosedWithTheApplicationWhereItIsABean() {
        RoutingConnectionFactory factory;
        try (ConfigurableApplicationContext application = NoteApplication.builder(
                        NoteApplication.class, FactoryAsBean.class)
                .run()) {
            use(application);
            factory = application.getBean(RoutingConnectionFactory.class);
            assertThat(application.getBean(ConnectionFactory.class)).isSameAs(factory);
        }
        assertThat(factory.isDisposed()).isTrue();
        await().atMost(NoteCluster.LIMIT).until(() -> sessions() == 0);
    }

    static class FactoryAsBean {

        @Bean
        RoutingConnectionFactory connectionFactory() {
            return NoteCluster.patient(new RoutedStatements().over(CLUSTER.cluster()))
                    .build();
        }
    }

    private static void use(ConfigurableApplicationContext application) {
        NoteRepository notes = application.getBean(NoteRepository.class);
        assertThat(result(notes.findById(1)).text()).isEqualTo("here from the start");
        assertThat(result(notes.save(Note.of("used")).flatMap(note -> notes.findById(note.id())))
                        .text())
                .isEqualTo("used");
    }

    private static void awaitNothingLeft() {
        await().atMost(NoteCluster.LIMIT).untilAsserted(() -> {
            System.gc();
            assertThat(sessions()).as("sessions at the servers").isZero();
            assertThat(threads()).as("threads of monitors").isZero();
        });
    }

    private static int sessions() {
        return CLUSTER.cluster().nodes().stream()
                .mapToInt(BootShutdownTests::sessionsAt)
                .sum();
    }

    private static int sessionsAt(ClusterNode node) {
        return node.query("SELECT pid FROM pg_stat_activity WHERE usename IN ('"
                        + CLUSTER.cluster().username() + "', '"
                        + CLUSTER.cluster().monitorUsername() + "')")
                .size();
    }

    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("r2dbc-routing-monitor"))
                .count();
    }
}
