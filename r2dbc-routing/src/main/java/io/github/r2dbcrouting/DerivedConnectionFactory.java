package io.github.r2dbcrouting;

import io.github.r2dbcrouting.connection.RoutingConnection;
import io.github.r2dbcrouting.selection.RoutingHints;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.ConnectionFactoryMetadata;
import io.r2dbc.spi.Wrapped;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Another face of a factory: the same pools and nodes, with a wish for all statements. It has nothing of its own to close. Two
 * with the same wish are equal, so that Spring takes what runs over either for parts of one transaction.
 */
record DerivedConnectionFactory(RoutingConnectionFactory origin, RoutingHints hints, String name)
        implements ConnectionFactory, Wrapped<RoutingConnectionFactory> {

    @Override
    public Mono<RoutingConnection> create() {
        return origin.create(hints);
    }

    @Override
    public ConnectionFactoryMetadata getMetadata() {
        return origin.getMetadata();
    }

    @Override
    public RoutingConnectionFactory unwrap() {
        return origin;
    }

    @Override
    public <E> @Nullable E unwrap(Class<E> targetClass) {
        return targetClass.isInstance(this)
                ? targetClass.cast(this)
                : targetClass.isInstance(origin) ? targetClass.cast(origin) : null;
    }

    @Override
    public String toString() {
        return origin + "." + name;
    }
}
