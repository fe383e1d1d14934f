package io.github.r2dbcrouting;

import io.github.r2dbcrouting.dialect.DatabaseDialect;
import io.github.r2dbcrouting.error.InvalidRoutingOptionException;
import io.r2dbc.pool.PoolingConnectionFactoryProvider;
import io.r2dbc.spi.ConnectionFactoryOptions;
import io.r2dbc.spi.Option;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which options there are: the routing's, R2DBC's, the driver's, and those that an outer r2dbc-pool leaves behind. */
final class OptionNames {

    private static final Set<String> ROUTING =
            RoutingOptions.all().stream().map(Option::name).collect(Collectors.toUnmodifiableSet());
    private static final Set<String> STANDARD = constants(ConnectionFactoryOptions.class);
    private static final Set<String> POOL = constants(PoolingConnectionFactoryProvider.class);

    private OptionNames() {}

    /** Fails for the first option that nobody knows, naming those there are. */
    static void requireKnown(ConnectionFactoryOptions options, DatabaseDialect dialect) {
        Set<String> driver = constants(driverProvider(dialect));
        // The filter is the only way to see every option; what it builds is thrown away.
        ConnectionFactoryOptions.builder().from(options, option -> {
            String name = option.name();
            if (!ROUTING.contains(name) && !STANDARD.contains(name) && !POOL.contains(name) && !driver.contains(name)) {
                throw new InvalidRoutingOptionException(
                        name,
                        "is not known",
                        "one of " + new TreeSet<>(ROUTING) + " for the routing, or for the driver of "
                                + new TreeSet<>(driver),
                        "correct its name or take it out");
            }
            if (dialect.takenOver().contains(name)) {
                throw new InvalidRoutingOptionException(
                        name,
                        "would have the driver choose where to go",
                        "that choice for the routing, which makes it for each statement",
                        "take it out");
            }
            return true;
        });
    }

    /** Returns whether an option is passed on to the driver. */
    static boolean isForDriver(String name) {
        return !ROUTING.contains(name)
                && !POOL.contains(name)
                && !name.equals(ConnectionFactoryOptions.DRIVER.name())
                && !name.equals(ConnectionFactoryOptions.PROTOCOL.name())
                && !name.equals(ConnectionFactoryOptions.PASSWORD.name())
                && !name.equals(ConnectionFactoryOptions.HOST.name())
                && !name.equals(ConnectionFactoryOptions.PORT.name());
    }

    private static Class<?> driverProvider(DatabaseDialect dialect) {
        try {
            return Class.forName(dialect.driverProviderClass(), false, OptionNames.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("the driver changed: no class " + dialect.driverProviderClass(), e);
        }
    }

    /** Drivers declare their options as public constants, and have no other list of them. */
    private static Set<String> constants(Class<?> type) {
        return Arrays.stream(type.getFields())
                .filter(field -> Modifier.isStatic(field.getModifiers()) && field.getType() == Option.class)
                .flatMap(OptionNames::name)
                .collect(Collectors.toUnmodifiableSet());
    }

    private static Stream<String> name(Field field) {
        try {
            return field.get(null) instanceof Option<?> option ? Stream.of(option.name()) : Stream.empty();
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("a public constant cannot be read: " + field, e);
        }
    }
}
