package io.github.r2dbcrouting.dialect;

import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.ConnectionFactoryMetadata;
import java.util.function.Supplier;
import reactor.core.publisher.Mono;

/** What the pool of a node opens its connections with. */
record DriverConnectionFactory(Supplier<Mono<Connection>> opening, DatabaseDialect dialect)
        implements ConnectionFactory {

    @Override
    public Mono<Connection> create() {
        return opening.get();
    }

    @Override
    public ConnectionFactoryMetadata getMetadata() {
        return dialect::productName;
    }
}
