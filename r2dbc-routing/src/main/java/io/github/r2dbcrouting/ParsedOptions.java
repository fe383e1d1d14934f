package io.github.r2dbcrouting;

import io.github.r2dbcrouting.credentials.Logins;
import io.github.r2dbcrouting.dialect.DatabaseDialect;
import io.github.r2dbcrouting.settings.RoutingSettings;
import io.r2dbc.spi.ConnectionFactoryOptions;

/**
 * What was set, checked.
 *
 * @param dialect the kind of database
 * @param settings the routing's own settings
 * @param driver the driver's options, without host, port and password
 * @param logins who logs in
 */
record ParsedOptions(
        DatabaseDialect dialect, RoutingSettings settings, ConnectionFactoryOptions driver, Logins logins) {

    /** Without the driver's options: not every driver marks all of its secrets as such. */
    @Override
    public String toString() {
        return dialect.productName() + ": " + settings;
    }
}
