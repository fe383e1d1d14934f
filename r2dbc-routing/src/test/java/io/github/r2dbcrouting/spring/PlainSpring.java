package io.github.r2dbcrouting.spring;

import io.github.r2dbcrouting.RoutedStatements;
import io.github.r2dbcrouting.RoutingConnectionFactory;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.r2dbc.spi.ConnectionFactory;
import java.util.List;
import java.util.Locale;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.data.r2dbc.core.R2dbcEntityTemplate;
import org.springframework.data.r2dbc.repository.config.EnableR2dbcRepositories;
import org.springframework.r2dbc.connection.R2dbcTransactionManager;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.transaction.annotation.EnableTransactionManagement;

/** A Spring application without Boot, straight over a routing factory that tells where it sent each statement. */
final class PlainSpring implements AutoCloseable {

    private final RoutedStatements routed = new RoutedStatements();
    private final RoutingConnectionFactory factory;
    private final AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();

    private PlainSpring(LocalCluster cluster) {
        factory = NoteCluster.patient(routed.over(cluster)).build();
        context.registerBean(ConnectionFactory.class, () -> factory);
        context.register(Beans.class);
    }

    /** Starts the application; the factory knows all nodes then, and has sent nothing. */
    static PlainSpring over(LocalCluster cluster) {
        PlainSpring spring = new PlainSpring(cluster);
        spring.context.refresh();
        NoteCluster.awaitNodes(spring.factory);
        return spring;
    }

    <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    RoutingConnectionFactory factory() {
        return factory;
    }

    /** Returns each statement's first word and the role of its node, such as {@code "SELECT replica"}, in order. */
    List<String> routes() {
        return routed.all().stream()
                .map(route -> route.sql().split("\\s", 2)[0] + " "
                        + route.role().name().toLowerCase(Locale.ROOT))
                .toList();
    }

    /** Returns the names of the nodes that statements were sent to, each once. */
    List<String> nodes() {
        return routed.nodes().stream().distinct().toList();
    }

    void forget() {
        routed.clear();
    }

    @Override
    public void close() {
        context.close();
        factory.close().block(NoteCluster.LIMIT);
    }

    @EnableTransactionManagement
    @EnableR2dbcRepositories
    @Import(NoteService.class)
    static class Beans {

        @Bean
        DatabaseClient databaseClient(ConnectionFactory factory) {
            return DatabaseClient.create(factory);
        }

        @Bean
        R2dbcEntityTemplate r2dbcEntityTemplate(ConnectionFactory factory) {
            return new R2dbcEntityTemplate(factory);
        }

        @Bean
        R2dbcTransactionManager transactionManager(ConnectionFactory factory) {
            return new R2dbcTransactionManager(factory);
        }
    }
}
