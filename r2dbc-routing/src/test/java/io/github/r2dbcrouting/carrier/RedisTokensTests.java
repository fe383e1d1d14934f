package io.github.r2dbcrouting.carrier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.RedisServer;
import io.github.r2dbcrouting.cluster.RequiresPackage;
import io.github.r2dbcrouting.consistency.ConsistencySession;
import io.github.r2dbcrouting.consistency.SessionToken;
import io.github.r2dbcrouting.position.PositionBound;
import io.github.r2dbcrouting.session.SessionTokens;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Tokens in a real Redis: shared by processes, forgotten by it, and asked for while it is away. */
@RequiresPackage(debianPackage = "redis-server", command = "redis-server")
class RedisTokensTests {

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String PREFIX = "s:";

    private static RedisServer server;
    private static RedisClient client;

    private final SessionTokens tokens = KnownTokens.create();
    private final CarriedSessions sessions = new CarriedSessions(tokens, LIMIT);
    private final List<RedisTokens> opened = new ArrayList<>();
    private StatefulRedisConnection<String, String> connection;
    private RedisTokens redis;

    @BeforeAll
    static void start() {
        server = RedisServer.running();
        client = RedisClient.create(server.url());
    }

    @AfterAll
    static void stop() {
        client.shutdown(Duration.ZERO, LIMIT);
        server.close();
    }

    @BeforeEach
    void connect() {
        connection = client.connect();
        connection.sync().flushall();
        remembersLongAgo(connection.sync());
        redis = process(LIMIT);
    }

    @AfterEach
    void disconnect() {
        opened.forEach(RedisTokens::dispose);
        connection.close();
    }

    private static void remembersLongAgo(RedisCommands<String, String> commands) {
        for (int mark = 0; mark < 64; mark++) {
            commands.set(PREFIX + "{" + mark + "}", "1000");
        }
    }

    private RedisTokens process(Duration timeout) {
        RedisTokens process = new RedisTokens(connection.reactive(), tokens, PREFIX, timeout);
        opened.add(process);
        return process;
    }

    @Test
    void shouldKeepTheTokenOfASessionUntilItExpires() {
        save(redis, 500);

        ConsistencySession found = open(process(LIMIT));
        assertThat(found.bound()).isEqualTo(KnownTokens.bound(500));
        assertThat(KnownTokens.isDoubtful(found)).isFalse();
        assertThat(sessions.open(redis.of("bob")).block(LIMIT).bound().isNone()).isTrue();
        List<String> keys = connection.sync().keys(PREFIX + "{*}ann");
        assertThat(keys).hasSize(1);
        assertThat(connection.sync().pttl(keys.get(0)))
                .isBetween(
                        tokens.lifetime().minusMinutes(1).toMillis(),
                        tokens.lifetime().toMillis());
        assertThat(sessions.counts()).isEqualTo(new CarriedCounts(2, 0, 1, 0));
    }

    @Test
    void shouldGoOnWithASession() {
        save(redis, 500);
        ConsistencySession seen = sessions.within(
                        process(LIMIT).of("ann"),
                        Mono.deferContextual(context -> Mono.just(ConsistencySession.from(context)))
                                .doOnNext(session -> KnownTokens.see(session, 700)))
                .block(LIMIT);

        assertThat(KnownTokens.lsn(seen)).isEqualTo(700);
        assertThat(KnownTokens.lsn(open(redis))).isEqualTo(700);
    }

    /** Whoever stores at the same time, what is stored never goes back. */
    @Test
    void shouldNeverGoBackWhileProcessesStoreAtOnce() {
        List<RedisTokens> processes = List.of(process(LIMIT), process(LIMIT), process(LIMIT), process(LIMIT));
        List<Long> seen = new ArrayList<>();
        List<Long> written = new ArrayList<>(
                Flux.range(1, 400).map(Integer::longValue).collectList().block());
        Collections.shuffle(written, new Random(11));

        Mono<Void> writing = Flux.fromIterable(written)
                .flatMap(
                        lsn -> sessions.save(
                                KnownTokens.session(lsn),
                                processes.get((int) (lsn % 4)).of("ann")),
                        16)
                .then();
        Mono<Void> reading = sessions.open(redis.of("ann"))
                .doOnNext(session -> seen.add(KnownTokens.lsn(session)))
                .repeat(200)
                .then();
        Mono.when(writing, reading).block(LIMIT);

        assertThat(seen).isSorted();
        assertThat(KnownTokens.lsn(open(redis))).isEqualTo(400);
        assertThat(sessions.counts().unsaved()).isZero();
        assertThat(processes.stream()
                        .mapToLong(process -> process.counts().contended())
                        .sum())
                .isPositive();
    }

    /** Whatever it had before is lost with it, and who knows what that was. */
    @Test
    void shouldDoubtARedisThatHasJustBecomeEmpty() {
        save(redis, 500);
        connection.sync().flushall();

        ConsistencySession fresh = open(redis);
        assertThat(KnownTokens.isDoubtful(fresh)).isTrue();
        assertThat(redis.counts().young()).isOne();
        save(redis, 600);
        assertThat(KnownTokens.isDoubtful(open(redis))).isTrue();
        assertThat(KnownTokens.lsn(open(redis))).isEqualTo(600);
        remembersLongAgo(connection.sync());
        connection.sync().keys(PREFIX + "{*}ann").forEach(connection.sync()::del);
        assertThat(KnownTokens.isDoubtful(open(redis))).isFalse();
    }

    @Test
    void shouldDoubtATokenThatItCannotRead() {
        save(redis, 500);
        connection
                .sync()
                .keys(PREFIX + "{*}ann")
                .forEach(key -> connection.sync().set(key, "nonsense"));

        assertThat(KnownTokens.isDoubtful(open(redis))).isTrue();
        save(redis, 600);
        ConsistencySession after = open(redis);
        assertThat(KnownTokens.lsn(after)).isEqualTo(600);
        assertThat(KnownTokens.isDoubtful(after)).as("what it was is not known").isTrue();
    }

    @Test
    void shouldGoOnWithoutARedisAndStoreWhatItOwesWhenItIsBack() {
        RedisTokens impatient = process(Duration.ofMillis(200));
        save(impatient, 500);
        server.stop();
        try {
            String result =
                    sessions.within(impatient.of("ann"), Mono.just("served")).block(LIMIT);
            assertThat(result).isEqualTo("served");
            assertThat(sessions.counts().unreachable()).isOne();
            assertThat(KnownTokens.isDoubtful(open(impatient))).isTrue();
            save(impatient, 600);
            assertThat(sessions.counts().unsaved()).isPositive();
            assertThat(impatient.counts().failed()).isPositive();
            assertThat(impatient.counts().owed()).isOne();
        } finally {
            server.start();
        }
        await().atMost(LIMIT).until(() -> impatient.counts().owed() == 0);

        assertThat(KnownTokens.lsn(open(process(LIMIT)))).isEqualTo(600);
        assertThat(impatient.counts().lost()).isZero();
    }

    /** Whatever the limit of a request to Redis is, that of the exchange may be shorter. */
    @Test
    void shouldOweWhatNobodyWaitedFor() {
        CarriedSessions hasty = new CarriedSessions(tokens, Duration.ofMillis(200));
        server.stop();
        try {
            hasty.save(KnownTokens.session(600), redis.of("ann")).block(LIMIT);
            assertThat(hasty.counts().unsaved()).isOne();
            assertThat(redis.counts().owed()).isOne();
        } finally {
            server.start();
        }
        await().atMost(LIMIT).until(() -> redis.counts().owed() == 0);

        assertThat(KnownTokens.lsn(open(process(LIMIT)))).isEqualTo(600);
    }

    /** Else its session would begin a grace with each exchange. */
    @Test
    void shouldNotKeepABoundThatHeldTooMuchOnceASessionHasBegunItsGrace() {
        ConsistencySession tooMuch = ConsistencySession.create();
        tooMuch.include(new SessionToken(0, PositionBound.LOST, false, Instant.EPOCH));
        sessions.save(tooMuch, redis.of("ann")).block(LIMIT);
        TokenCarrier exchange = redis.of("ann");
        ConsistencySession session = sessions.open(exchange).block(LIMIT);
        KnownTokens.see(session, 700);
        sessions.save(session, exchange).block(LIMIT);

        ConsistencySession next = open(redis);
        assertThat(next.bound()).isEqualTo(KnownTokens.bound(700));
        assertThat(KnownTokens.isDoubtful(next)).as("what is left of the grace").isTrue();
    }

    /** A cluster refuses scripts whose keys lie in two slots. */
    @Test
    void shouldKeepTheKeysOfAScriptInOneSlotOfACluster() {
        try (RedisServer cluster = RedisServer.running("--cluster-enabled", "yes")) {
            RedisClient alone = RedisClient.create(cluster.url());
            try (StatefulRedisConnection<String, String> node = alone.connect()) {
                node.sync().clusterAddSlots(IntStream.range(0, 16_384).toArray());
                await().atMost(LIMIT).until(() -> node.sync().clusterInfo().contains("cluster_state:ok"));
                RedisTokens shared = new RedisTokens(node.reactive(), tokens, PREFIX, LIMIT);
                for (int i = 0; i < 50; i++) {
                    sessions.save(KnownTokens.session(500), shared.of("user" + i))
                            .block(LIMIT);
                }
                assertThat(KnownTokens.lsn(sessions.open(shared.of("user7")).block(LIMIT)))
                        .isEqualTo(500);
                assertThat(shared.counts().failed()).isZero();
            } finally {
                alone.shutdown(Duration.ZERO, LIMIT);
            }
        }
    }

    private void save(RedisTokens process, long lsn) {
        sessions.save(KnownTokens.session(lsn), process.of("ann")).block(LIMIT);
    }

    private ConsistencySession open(RedisTokens process) {
        return sessions.open(process.of("ann")).block(LIMIT);
    }
}
