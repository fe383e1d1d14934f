package io.github.r2dbcrouting.membership;

import io.github.r2dbcrouting.credentials.Credentials;
import io.github.r2dbcrouting.credentials.Logins;
import io.github.r2dbcrouting.credentials.PasswordSource;
import io.github.r2dbcrouting.dialect.BackgroundTasks;
import io.github.r2dbcrouting.dialect.DriverTemplate;
import io.github.r2dbcrouting.dialect.NodeConnections;
import io.github.r2dbcrouting.dialect.postgresql.PostgresqlDialect;
import io.github.r2dbcrouting.pool.NodeAccess;
import io.github.r2dbcrouting.pool.NodePool;
import io.github.r2dbcrouting.settings.PoolSettings;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.r2dbc.spi.ConnectionFactoryOptions;
import java.time.Duration;
import java.util.function.Function;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** Access to nodes to which no connection is ever opened: the password does not come. */
public record UnopenedNodes(Scheduler time, BackgroundTasks background) implements Function<NodeSettings, NodeAccess> {

    @Override
    public NodeAccess apply(NodeSettings node) {
        Credentials nobody = new Credentials("nobody", PasswordSource.tokens(Mono.never()));
        NodeConnections.Driver driver = new NodeConnections.Driver(
                new PostgresqlDialect(),
                ConnectionFactoryOptions.builder()
                        .option(ConnectionFactoryOptions.DRIVER, "postgresql")
                        .build(),
                new Logins(nobody, nobody, null, null),
                new DriverTemplate(1),
                time);
        NodeConnections connections = new NodeConnections(driver, node, Duration.ofSeconds(1), time, background);
        return NodeAccess.of(
                driver,
                connections,
                new NodePool(connections, PoolSettings.defaults(), time, () -> 0, background),
                background);
    }
}
