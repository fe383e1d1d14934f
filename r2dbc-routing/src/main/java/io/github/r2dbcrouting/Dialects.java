package io.github.r2dbcrouting;

import io.github.r2dbcrouting.dialect.DatabaseDialect;
import io.github.r2dbcrouting.dialect.mariadb.MariadbDialect;
import io.github.r2dbcrouting.dialect.postgresql.PostgresqlDialect;
import io.github.r2dbcrouting.error.InvalidRoutingOptionException;
import io.r2dbc.spi.ConnectionFactories;
import io.r2dbc.spi.ConnectionFactoryOptions;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The kinds of database that the routing knows. */
final class Dialects {

    private static final List<DatabaseDialect> ALL = List.of(new PostgresqlDialect(), new MariadbDialect());

    private Dialects() {}

    static DatabaseDialect of(@Nullable Object protocol) {
        String names = ALL.stream().map(DatabaseDialect::driver).collect(Collectors.joining(", "));
        if (protocol == null) {
            throw new InvalidRoutingOptionException(
                    "protocol",
                    "is missing",
                    "one of " + names,
                    "name the driver after 'routing', as in r2dbc:routing:postgresql://…");
        }
        DatabaseDialect dialect = ALL.stream()
                .filter(known -> known.driver().equals(protocol))
                .findFirst()
                .orElseThrow(() -> new InvalidRoutingOptionException(
                        "protocol", "is '" + protocol + "'", "one of " + names, "name a driver that is supported"));
        requireDriver(dialect);
        return dialect;
    }

    private static void requireDriver(DatabaseDialect dialect) {
        boolean present = ConnectionFactories.supports(ConnectionFactoryOptions.builder()
                .option(ConnectionFactoryOptions.DRIVER, dialect.driver())
                .option(ConnectionFactoryOptions.HOST, "unused")
                .build());
        if (!present) {
            throw new InvalidRoutingOptionException(
                    "protocol",
                    "names the driver '" + dialect.driver() + "', which is not on the class path",
                    "the driver",
                    "add the dependency " + dialect.driverArtifact());
        }
    }
}
