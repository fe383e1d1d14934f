package io.github.r2dbcrouting.spring;

import io.github.r2dbcrouting.RoutingConnectionFactory;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.Wrapped;
import java.util.Map;
import java.util.Objects;
import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.context.ConfigurableApplicationContext;

/** A Boot application as its users write it; nothing but the URL speaks of the routing. */
@SpringBootApplication
class NoteApplication {

    /** Starts it over all nodes of a cluster, with properties beside those of the connection. */
    static ConfigurableApplicationContext over(LocalCluster cluster, Map<String, Object> properties) {
        return over("r2dbc:routing:postgresql://", cluster, properties);
    }

    static ConfigurableApplicationContext over(String scheme, LocalCluster cluster, Map<String, Object> properties) {
        String url = scheme + cluster.hostList() + "/" + cluster.database() + "?probeTimeout="
                + NoteCluster.PROBE_TIMEOUT + "&startupTimeout=" + NoteCluster.LIMIT + "&catchUpTimeout="
                + NoteCluster.CATCH_UP_TIMEOUT;
        return builder(NoteApplication.class)
                .properties(Map.of(
                        "spring.r2dbc.url", url,
                        "spring.r2dbc.username", cluster.username(),
                        "spring.r2dbc.password", cluster.password(),
                        "spring.r2dbc.properties.monitorUser", cluster.monitorUsername(),
                        "spring.r2dbc.properties.monitorPassword", cluster.monitorPassword()))
                .properties(properties)
                .run();
    }

    static {
        // Boot would set up the logging of the whole JVM anew for each application.
        System.setProperty(LoggingSystem.SYSTEM_PROPERTY, LoggingSystem.NONE);
    }

    static SpringApplicationBuilder builder(Class<?>... sources) {
        return new SpringApplicationBuilder(sources)
                .web(WebApplicationType.NONE)
                .bannerMode(Banner.Mode.OFF)
                .logStartupInfo(false)
                .registerShutdownHook(false);
    }

    /** Returns the factory inside what Boot has wrapped around it. */
    static RoutingConnectionFactory routingOf(ConfigurableApplicationContext context) {
        Object factory = context.getBean(ConnectionFactory.class);
        while (!(factory instanceof RoutingConnectionFactory) && factory instanceof Wrapped<?> wrapped) {
            factory = wrapped.unwrap();
        }
        return (RoutingConnectionFactory) Objects.requireNonNull(factory);
    }
}
