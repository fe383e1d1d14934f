package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import io.github.r2dbcrouting.credentials.Credentials;
import io.github.r2dbcrouting.credentials.PasswordSource;
import io.github.r2dbcrouting.credentials.Secret;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactoryOptions;
import io.r2dbc.spi.Result;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * No password shows, whatever is printed: neither in what the library logs at the finest level, nor in its errors and their causes,
 * nor in the {@code toString} of what it hands out. What the test suite prints is searched by {@code PrintedPasswords}.
 */
class HiddenPasswordsTests {

    @RegisterExtension
    static final LocalClusterExtension POSTGRESQL =
            LocalClusterExtension.of(LocalCluster.postgresql().replicas(1));

    @RegisterExtension
    static final LocalClusterExtension MARIADB =
            LocalClusterExtension.of(LocalCluster.mariadb().replicas(1));

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String WRONG = LocalCluster.PASSWORD_MARK + "wrong";

    /** The library's, which promises it, and the drivers' and the pool's, over which it has no say. */
    private static final List<String> LOGGERS = List.of("io.github.r2dbcrouting", "io.r2dbc", "org.mariadb", "reactor");

    private final AtomicInteger logged = new AtomicInteger();
    private final Queue<String> found = new ConcurrentLinkedQueue<>();
    private final AppenderBase<ILoggingEvent> search = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            logged.incrementAndGet();
            String text = event.getLoggerName() + " " + event.getThreadName() + " " + event.getFormattedMessage()
                    + (event.getThrowableProxy() == null ? "" : ThrowableProxyUtil.asString(event.getThrowableProxy()));
            if (isTold(text)) {
                found.add(event.getLevel() + " of " + event.getLoggerName());
            }
        }
    };

    @BeforeEach
    void listen() {
        search.start();
        loggers().forEach(logger -> {
            logger.setLevel(Level.TRACE);
            logger.setAdditive(false);
            logger.addAppender(search);
        });
    }

    @AfterEach
    void leave() {
        loggers().forEach(logger -> {
            logger.detachAppender(search);
            logger.setAdditive(true);
            logger.setLevel(null);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgresql", "mariadb"})
    void shouldHidePasswordsWhereverSomethingIsPrinted(String driver) {
        LocalCluster cluster = driver.equals("mariadb") ? MARIADB.cluster() : POSTGRESQL.cluster();
        List<Object> printed = new ArrayList<>();
        RoutingConnectionFactoryBuilder builder = builder(cluster);
        RoutingConnectionFactory factory = builder.build();
        try {
            Connection connection = factory.create().block(LIMIT);
            execute(connection, "CREATE TABLE IF NOT EXISTS hidden (id int)").block(LIMIT);
            execute(connection, "SELECT 1").block(LIMIT);
            printed.addAll(List.of(
                    builder,
                    factory,
                    connection,
                    connection.createStatement("SELECT 1"),
                    connection.createBatch(),
                    connection.getMetadata(),
                    factory.currentTopology(),
                    factory.explain("SELECT 1")));
            Mono.from(connection.close()).block(LIMIT);
            ClusterNode replica = cluster.replicas().get(0);
            replica.kill();
            await().atMost(LIMIT)
                    .until(() -> factory.currentTopology().nodes().stream().anyMatch(node -> !node.isUsable()));
            printed.add(factory.currentTopology());
            replica.start();
        } finally {
            factory.close().block(LIMIT);
        }
        printed.add(failure(builder(cluster).credentials(cluster.username(), WRONG)));
        printed.add(failure(builder(cluster).monitorCredentials(cluster.monitorUsername(), WRONG)));
        printed.add(
                failure(builder(cluster).credentials(cluster.username(), PasswordSource.rotating(Mono.just(WRONG)))));
        printed.add(failure(builder(cluster).database("nowhere")));
        assertThat(printed).allSatisfy(HiddenPasswordsTests::assertHidden);
        assertThat(logged).hasPositiveValue();
        assertThat(found).isEmpty();
    }

    @Test
    void shouldHidePasswordsInItsOwnRecords() {
        ConnectionFactoryOptions options = ConnectionFactoryOptions.parse("r2dbc:routing:postgresql://app:" + WRONG
                + "@db1,db2/app?monitorUser=m&monitorPassword=" + WRONG + "&sslPassword=" + WRONG);
        assertHidden(SettingsReader.parse(options, List.of(), null));
        assertHidden(new Secret(WRONG, true, null));
        assertHidden(new Credentials("app", PasswordSource.of(WRONG)));
        assertHidden(new RoutingConnectionFactoryProvider().create(options));
    }

    @Test
    void shouldFindWhatItLooksFor() {
        LoggerFactory.getLogger("io.github.r2dbcrouting.Some").trace("{}", WRONG);
        LoggerFactory.getLogger("io.github.r2dbcrouting.Some").trace("x", new IllegalStateException(WRONG));
        assertThat(found).hasSize(2);
    }

    private static void assertHidden(Object printed) {
        String text = String.valueOf(printed);
        if (printed instanceof Throwable error) {
            StringWriter trace = new StringWriter();
            error.printStackTrace(new PrintWriter(trace, true));
            text += trace;
        }
        // Not by AssertJ, whose message would quote it.
        if (isTold(text)) {
            throw new AssertionError("a password in what " + printed.getClass().getName() + " prints of itself");
        }
    }

    private static boolean isTold(String text) {
        return text.contains(LocalCluster.PASSWORD_MARK);
    }

    private static Stream<Logger> loggers() {
        return LOGGERS.stream().map(name -> (Logger) LoggerFactory.getLogger(name));
    }

    private static RoutingConnectionFactoryBuilder builder(LocalCluster cluster) {
        return new RoutedStatements()
                .over(cluster, cluster == POSTGRESQL.cluster() ? "postgresql" : "mariadb")
                .probeInterval(Duration.ofMillis(100))
                .option(RoutingOptions.STARTUP_TIMEOUT, Duration.ofSeconds(2));
    }

    private static Throwable failure(RoutingConnectionFactoryBuilder builder) {
        RoutingConnectionFactory factory = builder.build();
        try {
            Throwable error = catchThrowable(() -> Mono.usingWhen(
                            factory.create(), connection -> execute(connection, "SELECT 1"), Connection::close)
                    .block(LIMIT));
            assertThat(error).isNotNull();
            return error;
        } finally {
            factory.close().block(LIMIT);
        }
    }

    private static Mono<Void> execute(Connection connection, String sql) {
        return Flux.from(connection.createStatement(sql).execute())
                .concatMap(Result::getRowsUpdated)
                .then();
    }
}
