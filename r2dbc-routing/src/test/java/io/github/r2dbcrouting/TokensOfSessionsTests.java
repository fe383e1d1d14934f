package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.carrier.CarriedSessions;
import io.github.r2dbcrouting.carrier.RedisTokens;
import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.RequiresPackage;
import io.github.r2dbcrouting.consistency.ConsistencySession;
import io.github.r2dbcrouting.consistency.SessionToken;
import io.github.r2dbcrouting.consistency.TokenCodec;
import io.github.r2dbcrouting.consistency.TokenKeys;
import io.github.r2dbcrouting.consistency.TokenRefusal;
import io.github.r2dbcrouting.topology.NodeRole;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Result;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Sessions that go from one factory to another, which stands for that of another process, while the replicas do not replay. */
class TokensOfSessionsTests {

    @RegisterExtension
    static final DatabaseClusters CLUSTERS = new DatabaseClusters();

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Duration LIFETIME = Duration.ofHours(1);
    private static final String KEY = "0123456789abcdef".repeat(4);
    private static final TokenKeys KEYS = TokenKeys.of(KEY.getBytes(StandardCharsets.UTF_8));
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    private final RoutedStatements routed = new RoutedStatements();
    private final int number = NUMBERS.incrementAndGet();
    private LocalCluster cluster;
    private RoutingConnectionFactory here;
    private RoutingConnectionFactory there;

    @BeforeAll
    static void createTables() {
        CLUSTERS.all().forEach(cluster -> {
            cluster.execute("CREATE TABLE note (number int)");
            cluster.awaitReplication();
        });
    }

    private void open(DatabaseKind database) {
        cluster = CLUSTERS.of(database);
        here = factory(database, new RoutedStatements()).build();
        there = factory(database, routed).build();
        query(here, "SELECT 1").block(LIMIT);
        routed.awaitReplica(there);
        cluster.replicas().forEach(ClusterNode::pauseReplay);
    }

    private RoutingConnectionFactoryBuilder factory(DatabaseKind database, RoutedStatements listener) {
        return listener.over(CLUSTERS.of(database), database.driver)
                .tokenKeys(KEY)
                .option(RoutingOptions.TOKEN_EXPORT_TIMEOUT, LIMIT)
                .maxLag(Duration.ofMinutes(1));
    }

    @AfterEach
    void close() {
        cluster.heal();
        here.close().block(LIMIT);
        there.close().block(LIMIT);
    }

    @ParameterizedTest
    @EnumSource
    void shouldSeeInAnotherProcessWhatWasWrittenHere(DatabaseKind database) {
        open(database);
        String token = writeAndExport();

        assertThat(token).hasSizeLessThan(100);
        assertThat(read(ConsistencySession.create())).as("without the token").isEmpty();
        assertThat(routed.roles()).containsExactly(NodeRole.REPLICA);
        assertThat(read(there.tokens().accept(token))).containsExactly(number);
        assertThat(there.tokens().counts().believed()).isOne();
        assertThat(there.tokens().counts().doubted()).isZero();

        cluster.replicas().forEach(ClusterNode::resumeReplay);
        cluster.awaitReplication();
        await().atMost(LIMIT).untilAsserted(() -> {
            routed.clear();
            assertThat(read(there.tokens().accept(token))).containsExactly(number);
            assertThat(routed.roles()).containsExactly(NodeRole.REPLICA);
        });
    }

    /** Whatever is wrong with it, the request goes on, and sees what was written. */
    @ParameterizedTest
    @EnumSource
    void shouldReadOnThePrimaryWithATokenThatIsNotBelieved(DatabaseKind database) {
        open(database);
        String token = writeAndExport();
        byte[] whole = Base64.getUrlDecoder().decode(token);
        byte[] ofTheFuture = whole.clone();
        ofTheFuture[0]++;
        byte[] forged = whole.clone();
        forged[10] ^= 1;
        Map<TokenRefusal, String> bad = Map.of(
                TokenRefusal.MALFORMED, token.substring(0, 20),
                TokenRefusal.FORGED, text(forged),
                TokenRefusal.FUTURE_VERSION, text(ofTheFuture),
                TokenRefusal.UNKNOWN_KEY, codec(TokenKeys.of(new byte[32])).write(content(token)),
                TokenRefusal.EXPIRED, codec(KEYS).write(older(content(token), LIFETIME.plusSeconds(2))),
                TokenRefusal.FOREIGN, codec(KEYS).write(elsewhere(content(token))));

        bad.forEach((refusal, text) -> {
            routed.clear();
            assertThat(read(there.tokens().accept(text))).as("%s", refusal).containsExactly(number);
            assertThat(routed.roles()).as("%s", refusal).containsExactly(NodeRole.PRIMARY);
            assertThat(there.tokens().counts().refused()).containsEntry(refusal, 1L);
        });
        assertThat(bad).containsOnlyKeys(TokenRefusal.values());
        assertThat(there.tokens().counts().doubted()).isEqualTo(bad.size());
    }

    @ParameterizedTest
    @EnumSource
    void shouldReadOnThePrimaryWithATokenThatDoesNotTellAll(DatabaseKind database) {
        open(database);
        ConsistencySession session = ConsistencySession.create();
        write(session);
        RoutingConnectionFactory hasty = factory(database, new RoutedStatements())
                .option(RoutingOptions.TOKEN_EXPORT_TIMEOUT, Duration.ofMillis(1))
                .build();
        ConsistencySession.Write underWay = session.writeStarts();
        try {
            query(hasty, "SELECT 1").block(LIMIT);
            String token = hasty.tokens().export(session).block(LIMIT);
            assertThat(hasty.tokens().counts().unresolved()).isOne();

            assertThat(read(there.tokens().accept(token))).containsExactly(number);
            assertThat(routed.roles()).containsExactly(NodeRole.PRIMARY);
            assertThat(there.tokens().counts().doubted()).isOne();
        } finally {
            underWay.unsent();
            hasty.close().block(LIMIT);
        }
    }

    /** A process that has just been started may be the first one to see the token. */
    @ParameterizedTest
    @EnumSource
    void shouldTakeATokenBeforeItHasSeenANode(DatabaseKind database) {
        open(database);
        String token = writeAndExport();
        RoutingConnectionFactory started = factory(database, routed).build();
        try {
            ConsistencySession session = started.tokens().accept(token);
            routed.clear();

            assertThat(read(started, session)).containsExactly(number);
            assertThat(started.tokens().counts().refused().values()).containsOnly(0L);
        } finally {
            started.close().block(LIMIT);
        }
    }

    @ParameterizedTest
    @EnumSource
    @RequiresPackage(debianPackage = "redis-server", command = "redis-server")
    void shouldSeeByRedisWhatAnotherProcessWrote(DatabaseKind database) {
        open(database);
        try (RedisServer server = RedisServer.running()) {
            RedisClient client = RedisClient.create(server.url());
            try (StatefulRedisConnection<String, String> connection = client.connect()) {
                RedisTokens stored = new RedisTokens(connection.reactive(), here.tokens(), "s:", LIMIT);
                RedisTokens found = new RedisTokens(connection.reactive(), there.tokens(), "s:", LIMIT);
                new CarriedSessions(here.tokens())
                        .within(stored.of("ann"), update(here, "INSERT INTO note VALUES (" + number + ")"))
                        .block(LIMIT);

                assertThat(new CarriedSessions(there.tokens())
                                .within(
                                        found.of("ann"),
                                        query(there, "SELECT number FROM note WHERE number = " + number))
                                .block(LIMIT))
                        .containsExactly(number);
                assertThat(found.counts().failed()).isZero();
            } finally {
                client.shutdown(Duration.ZERO, LIMIT);
            }
        }
    }

    /** The same within one process, by a key of the user's. */
    @ParameterizedTest
    @EnumSource
    void shouldSeeByItsKeyWhatAUserWrote(DatabaseKind database) {
        open(database);
        there.sessions()
                .within("ann", update(there, "INSERT INTO note VALUES (" + number + ")"))
                .block(LIMIT);

        assertThat(there.sessions()
                        .within("ann", query(there, "SELECT number FROM note WHERE number = " + number))
                        .block(LIMIT))
                .containsExactly(number);
        assertThat(read(ConsistencySession.create())).as("another session").isEmpty();
        assertThat(there.sessions().counts().idle()).isOne();
    }

    private String writeAndExport() {
        ConsistencySession session = ConsistencySession.create();
        write(session);
        return here.tokens().export(session).block(LIMIT);
    }

    private void write(ConsistencySession session) {
        update(here, "INSERT INTO note VALUES (" + number + ")")
                .contextWrite(Routing.session(session))
                .block(LIMIT);
    }

    private List<Integer> read(ConsistencySession session) {
        return read(there, session);
    }

    private List<Integer> read(RoutingConnectionFactory factory, ConsistencySession session) {
        return query(factory, "SELECT number FROM note WHERE number = " + number)
                .contextWrite(Routing.session(session))
                .block(LIMIT);
    }

    private static Mono<List<Integer>> query(RoutingConnectionFactory factory, String sql) {
        return Flux.usingWhen(
                        factory.create(),
                        connection -> Flux.from(connection.createStatement(sql).execute())
                                .concatMap(result -> result.map((row, metadata) -> row.get(0, Integer.class))),
                        Connection::close)
                .collectList();
    }

    private static Mono<Void> update(RoutingConnectionFactory factory, String sql) {
        return Flux.usingWhen(
                        factory.create(),
                        connection -> Flux.from(connection.createStatement(sql).execute())
                                .concatMap(Result::getRowsUpdated),
                        Connection::close)
                .then();
    }

    private static SessionToken content(String token) {
        return codec(KEYS).read(token).token();
    }

    private static SessionToken older(SessionToken token, Duration age) {
        return new SessionToken(
                token.cluster(),
                token.bound(),
                token.unresolved(),
                token.issuedAt().minus(age));
    }

    private static SessionToken elsewhere(SessionToken token) {
        return new SessionToken(token.cluster() + 1, token.bound(), token.unresolved(), token.issuedAt());
    }

    private static TokenCodec codec(TokenKeys keys) {
        return new TokenCodec(keys, null, LIFETIME, Clock.systemUTC());
    }

    private static String text(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
