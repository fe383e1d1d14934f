package io.github.r2dbcrouting;

import io.github.r2dbcrouting.dialect.DatabaseDialect;
import io.github.r2dbcrouting.settings.RoutingSettings;
import io.r2dbc.spi.ConnectionFactoryOptions;

/**
 * What was set, checked.
 *
 * @param dialect the kind of database
 * @param settings the routing's own settings
 * @param driver the driver's options, without host and port; secrets in them print as hidden
 * @param monitor what differs for the monitor's connections
 */
record ParsedOptions(
        DatabaseDialect dialect,
        RoutingSettings settings,
        ConnectionFactoryOptions driver,
        ConnectionFactoryOptions monitor) {}
