package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.credentials.PasswordSource;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Result;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What becomes of connections and statements when a password changes. The user is {@code rotator}. */
abstract class SecretRotationContract {

    static final Duration LIMIT = Duration.ofSeconds(30);

    private static final String FIRST = LocalCluster.PASSWORD_MARK + "first";
    private static final String SECOND = LocalCluster.PASSWORD_MARK + "second";
    private static final String THIRD = LocalCluster.PASSWORD_MARK + "third";
    private static final Duration SOON = Duration.ofMillis(100);

    final AtomicReference<String> password = new AtomicReference<>(FIRST);
    final RoutedStatements routed = new RoutedStatements();
    private RoutingConnectionFactory factory;

    abstract LocalCluster cluster();

    abstract String driver();

    /** Changes the password of {@code rotator} at the server. */
    abstract void changePassword(String changed);

    /** Returns the ids of the sessions of {@code rotator} on a node. */
    abstract Set<String> sessions(ClusterNode node);

    @BeforeEach
    void begin() {
        password.set(FIRST);
        changePassword(FIRST);
        cluster().awaitReplication();
    }

    @AfterEach
    void close() {
        factory.close().block(LIMIT);
        await().atMost(LIMIT).until(() -> sessions().isEmpty());
    }

    @Test
    void shouldFailNoStatementWhenThePasswordChangesWhileStatementsRun() {
        // Connections live so shortly that new ones are opened all the time, on both sides of every step.
        factory = rotating()
                .option(RoutingOptions.MAX_LIFE_TIME, Duration.ofMillis(20))
                .build();
        AtomicInteger done = new AtomicInteger();
        Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        AtomicBoolean over = new AtomicBoolean();
        List<String> texts = List.of("SELECT 1", "INSERT INTO item VALUES (1)");
        Mono<Void> load = Flux.range(0, 6)
                .flatMap(i -> run(texts.get(i % texts.size()))
                        .doOnSuccess(end -> done.incrementAndGet())
                        .onErrorResume(error -> {
                            failures.add(error);
                            return Mono.empty();
                        })
                        .repeat(() -> !over.get()))
                .then();
        reactor.core.Disposable running = load.subscribe();
        try {
            awaitMore(done, 80);
            password.set(SECOND);
            awaitMore(done, 80);
            changePassword(SECOND);
            awaitMore(done, 80);
            cluster().awaitReplication();
            awaitMore(done, 80);
            password.set(THIRD);
            changePassword(THIRD);
            awaitMore(done, 80);
        } finally {
            over.set(true);
            await().atMost(LIMIT).until(running::isDisposed);
        }
        assertThat(failures).isEmpty();
    }

    @Test
    void shouldReplaceIdleConnectionsAtOnceAndLentOnesWhenTheyComeBack() {
        factory = rotating()
                .option(RoutingOptions.SECRET_CHECK_INTERVAL, SOON)
                .maxSize(3)
                .build();
        warmUp();
        Connection lent = factory.create().block(LIMIT);
        Mono.from(lent.beginTransaction()).block(LIMIT);
        execute(lent, "INSERT INTO item VALUES (2)").block(LIMIT);
        Set<String> before = sessions();

        password.set(SECOND);
        changePassword(SECOND);
        await().atMost(LIMIT).until(() -> common(before).size() == 1);
        execute(lent, "INSERT INTO item VALUES (3)").block(LIMIT);
        Mono.from(lent.commitTransaction()).block(LIMIT);
        assertThat(common(before)).hasSize(1);

        Mono.from(lent.close()).block(LIMIT);
        await().atMost(LIMIT).until(() -> common(before).isEmpty());
        run("INSERT INTO item VALUES (4)").block(LIMIT);
        run("SELECT 1").block(LIMIT);
    }

    @Test
    void shouldAskForATokenAtEachOpeningAndKeepTheConnectionsOfEarlierOnes() {
        AtomicInteger tokens = new AtomicInteger();
        factory = builder()
                .credentials("rotator", PasswordSource.tokens(Mono.fromSupplier(() -> {
                    tokens.incrementAndGet();
                    return password.get();
                })))
                .option(RoutingOptions.SECRET_CHECK_INTERVAL, SOON)
                .build();
        warmUp();
        Set<String> before = sessions();
        // The look at what functions there are has a connection of its own, if it was that quick.
        assertThat(tokens.get()).isBetween(before.size(), before.size() + 1);

        password.set(SECOND);
        changePassword(SECOND);
        cluster().awaitReplication();
        await().during(SOON.multipliedBy(5))
                .atMost(LIMIT)
                .until(() -> common(before).equals(before));
        factory.renewConnections().block(LIMIT);
        await().atMost(LIMIT).until(() -> sessions().isEmpty());
        warmUp();
        assertThat(tokens.get()).isBetween(2 * before.size(), 2 * before.size() + 1);
    }

    private RoutingConnectionFactoryBuilder rotating() {
        return builder().credentials("rotator", PasswordSource.rotating(Mono.fromSupplier(password::get)));
    }

    RoutingConnectionFactoryBuilder builder() {
        return routed.over(cluster(), driver());
    }

    /** Has one connection to each node. */
    private void warmUp() {
        routed.awaitReplica(factory);
        run("SELECT 1").block(LIMIT);
        run("INSERT INTO item VALUES (1)").block(LIMIT);
        await().atMost(LIMIT).untilAsserted(() -> assertThat(sessions()).hasSize(2));
    }

    private Set<String> common(Set<String> before) {
        Set<String> common = sessions();
        common.retainAll(before);
        return common;
    }

    private Set<String> sessions() {
        Set<String> all = new HashSet<>();
        for (ClusterNode node : cluster().nodes()) {
            sessions(node).forEach(id -> all.add(node.name() + " " + id));
        }
        return all;
    }

    private static void awaitMore(AtomicInteger done, int more) {
        int target = done.get() + more;
        await().atMost(LIMIT).until(() -> done.get() >= target);
    }

    private Mono<Void> run(String sql) {
        return Mono.usingWhen(factory.create(), connection -> execute(connection, sql), Connection::close);
    }

    private static Mono<Void> execute(Connection connection, String sql) {
        return Flux.from(connection.createStatement(sql).execute())
                .concatMap(Result::getRowsUpdated)
                .then();
    }
}
