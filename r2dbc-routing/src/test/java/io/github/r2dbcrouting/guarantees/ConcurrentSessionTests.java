package io.github.r2dbcrouting.guarantees;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.DatabaseClusters;
import io.github.r2dbcrouting.DatabaseKind;
import io.github.r2dbcrouting.RoutedStatements;
import io.github.r2dbcrouting.RoutingConnectionFactory;
import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.guarantees.SessionUser.Seen;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** One session that does many things at the same time, while its replicas stop to replay and go on again. */
class ConcurrentSessionTests {

    @RegisterExtension
    static final DatabaseClusters CLUSTERS = new DatabaseClusters();

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int CHAINS = 60;
    private static final int CONCURRENCY = 16;

    private final RoutedStatements routed = new RoutedStatements();
    private final AtomicLong values = new AtomicLong();
    private LocalCluster cluster;
    private RoutingConnectionFactory factory;
    private SessionUser user;

    @BeforeAll
    static void createTables() {
        CLUSTERS.all().forEach(cluster -> cluster.execute("CREATE TABLE entry (number bigint)"));
        CLUSTERS.all().forEach(LocalCluster::awaitReplication);
    }

    @AfterEach
    void close() {
        factory.close().block(LIMIT);
        cluster.heal();
        cluster.execute("DELETE FROM entry");
        cluster.awaitReplication();
    }

    /** How a chain writes and reads; what it emits was read after it had been written. */
    private enum Chain {
        WRITES_AT_ONCE {
            @Override
            Mono<Boolean> run(ConcurrentSessionTests test) {
                long one = test.next();
                long other = test.next();
                return Mono.zip(test.write(one), test.write(other), test.read(one))
                        .then(Mono.zip(test.shows(one), test.shows(other)))
                        .map(both -> both.getT1() && both.getT2());
            }
        },
        READS_ON_ANOTHER_THREAD {
            @Override
            Mono<Boolean> run(ConcurrentSessionTests test) {
                long value = test.next();
                return test.write(value).publishOn(Schedulers.parallel()).flatMap(rows -> test.shows(value));
            }
        },
        BLOCKS_ITS_THREAD {
            @Override
            Mono<Boolean> run(ConcurrentSessionTests test) {
                long value = test.next();
                return Mono.fromCallable(() -> {
                            test.write(value).block(LIMIT);
                            return test.shows(value).block(LIMIT);
                        })
                        .subscribeOn(Schedulers.boundedElastic());
            }
        },
        WRITES_IN_A_TRANSACTION {
            @Override
            Mono<Boolean> run(ConcurrentSessionTests test) {
                long value = test.next();
                return test.user
                        .use(connection -> connection
                                .beginTransaction()
                                .thenMany(SessionUser.updated(connection, insert(value)))
                                .thenMany(connection.commitTransaction()))
                        .then(test.shows(value));
            }
        },
        IS_TRIED_AGAIN {
            @Override
            Mono<Boolean> run(ConcurrentSessionTests test) {
                long value = test.next();
                AtomicInteger tries = new AtomicInteger();
                return test.write(value)
                        .then(Mono.defer(() -> test.read(value))
                                .flatMap(seen -> tries.incrementAndGet() < 3
                                        ? Mono.<Seen>error(new IllegalStateException("try again"))
                                        : Mono.just(seen)))
                        .retry(2)
                        .map(seen -> seen.numbers().size() == 3);
            }
        };

        /** Returns whether everything was shown that had to be. */
        abstract Mono<Boolean> run(ConcurrentSessionTests test);
    }

    static Stream<Arguments> chains() {
        return Stream.of(DatabaseKind.values())
                .flatMap(database -> Stream.of(Chain.values()).map(chain -> Arguments.of(database, chain)));
    }

    @ParameterizedTest
    @MethodSource("chains")
    void shouldShowEachChainOfASessionWhatItHasWritten(DatabaseKind database, Chain chain) {
        cluster = CLUSTERS.of(database);
        factory = routed.over(cluster, database.driver)
                .maxLag(Duration.ofMinutes(1))
                .catchUpTimeout(SessionUser.PATIENCE)
                .maxSize(2 * CONCURRENCY)
                .build();
        routed.awaitReplica(factory);
        user = new SessionUser(factory, Consistency.session());

        CompletableFuture<List<Boolean>> running = Flux.range(0, CHAINS)
                .flatMap(number -> chain.run(this), CONCURRENCY)
                .collectList()
                .toFuture();
        for (int turn = 0; !running.isDone(); turn++) {
            ClusterNode late = cluster.replicas().get(turn % 2);
            late.pauseReplay();
            late.resumeReplay();
        }

        assertThat(running).succeedsWithin(LIMIT);
        assertThat(running.join()).hasSize(CHAINS).doesNotContain(false);
        assertThat(routed.nodes())
                .containsAnyElementsOf(
                        cluster.replicas().stream().map(ClusterNode::name).toList());
    }

    private long next() {
        return values.incrementAndGet();
    }

    private static String insert(long value) {
        return "INSERT INTO entry VALUES (" + value + ")";
    }

    private Mono<Long> write(long value) {
        return user.write(insert(value));
    }

    private Mono<Seen> read(long value) {
        return user.read("SELECT number FROM entry WHERE number = " + value);
    }

    private Mono<Boolean> shows(long value) {
        return Mono.defer(() -> read(value)).map(seen -> !seen.numbers().isEmpty());
    }
}
