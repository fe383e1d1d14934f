package io.github.r2dbcrouting.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.credentials.Credentials;
import io.github.r2dbcrouting.credentials.Logins;
import io.github.r2dbcrouting.credentials.PasswordSource;
import io.github.r2dbcrouting.dialect.BackgroundTasks;
import io.github.r2dbcrouting.dialect.DriverTemplate;
import io.github.r2dbcrouting.dialect.NodeConnections;
import io.github.r2dbcrouting.dialect.postgresql.PostgresqlDialect;
import io.github.r2dbcrouting.settings.PoolSettings;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.NodeState;
import io.r2dbc.spi.ConnectionFactoryOptions;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Which pool a node has after which news of it; nothing is ever opened here. */
class NodePoolTests {

    private static final NodeSettings NODE = NodeSettings.of("localhost", 5432);

    private final BackgroundTasks background = new BackgroundTasks();
    private final NodePool pool =
            new NodePool(connections(), PoolSettings.defaults(), Schedulers.parallel(), () -> 0, background);

    @AfterEach
    void close() {
        pool.close().block();
    }

    @Test
    void shouldCloseThePoolOfANodeThatDoesNotAnswer() {
        use(2);
        pool.unheard(node(2, NodeHealth.UNHEALTHY));
        assertThat(pool.metrics()).isNull();
    }

    @Test
    void shouldNotCloseThePoolOfANewLifeForLateNewsOfTheOneBefore() {
        use(2);
        pool.unheard(node(1, NodeHealth.UNHEALTHY));
        assertThat(pool.metrics()).isNotNull();
    }

    @Test
    void shouldCloseThePoolOfAnEarlierLife() {
        use(1);
        Object before = pool.metrics();
        pool.turnOver(node(2, NodeHealth.HEALTHY));
        assertThat(pool.metrics()).isNotNull().isNotSameAs(before);
    }

    /** The pool is made with the wish for a connection. */
    private void use(long generation) {
        Mono<Lease> unused = pool.acquire(node(generation, NodeHealth.HEALTHY));
        assertThat(unused).isNotNull();
        assertThat(pool.metrics()).isNotNull();
    }

    private static NodeState node(long generation, NodeHealth health) {
        int failures = health == NodeHealth.UNHEALTHY ? 1 : 0;
        return new NodeState(NODE, NodeRole.REPLICA, health, failures, generation, null, null, null);
    }

    private NodeConnections connections() {
        ConnectionFactoryOptions options = ConnectionFactoryOptions.builder()
                .option(ConnectionFactoryOptions.DRIVER, "postgresql")
                .build();
        Credentials nobody = new Credentials("nobody", PasswordSource.of("nothing"));
        return new NodeConnections(
                new NodeConnections.Driver(
                        new PostgresqlDialect(),
                        options,
                        new Logins(nobody, nobody, null, null),
                        new DriverTemplate(1),
                        Schedulers.boundedElastic()),
                NODE,
                Duration.ofSeconds(1),
                Schedulers.parallel(),
                background);
    }
}
