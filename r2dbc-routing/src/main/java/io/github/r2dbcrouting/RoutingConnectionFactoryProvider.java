package io.github.r2dbcrouting;

import io.r2dbc.spi.ConnectionFactoryOptions;
import io.r2dbc.spi.ConnectionFactoryProvider;
import java.util.List;

/**
 * Makes routing factories from URLs and options whose driver is {@code routing}; the protocol names the real driver, as in
 * {@code r2dbc:routing:postgresql://…}. Found by R2DBC through the service loader.
 */
public final class RoutingConnectionFactoryProvider implements ConnectionFactoryProvider {

    @Override
    public RoutingConnectionFactory create(ConnectionFactoryOptions options) {
        return RoutingAssembly.assemble(SettingsReader.parse(options, List.of()), Extensions.NONE);
    }

    @Override
    public boolean supports(ConnectionFactoryOptions options) {
        return RoutingOptions.DRIVER.equals(options.getValue(ConnectionFactoryOptions.DRIVER));
    }

    @Override
    public String getDriver() {
        return RoutingOptions.DRIVER;
    }
}
