package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.consistency.ConsistencySession;
import io.github.r2dbcrouting.session.LossCounts;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Result;
import java.time.Duration;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Tokens of one primary that are read under the next: they hold no epoch, since the branch or the server in a position stands for it. */
class TokensAcrossPromotionTests {

    @RegisterExtension
    static final DatabaseClusters CLUSTERS = new DatabaseClusters();

    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final RoutedStatements routed = new RoutedStatements();

    @ParameterizedTest
    @EnumSource
    void shouldSeeUnderTheNextPrimaryWhatWasWrittenUnderTheLast(DatabaseKind database) {
        LocalCluster cluster = CLUSTERS.of(database);
        cluster.execute("CREATE TABLE note (number int)");
        cluster.awaitReplication();
        RoutingConnectionFactory factory = routed.over(cluster, database.driver)
                .tokenKeys("0123456789abcdef".repeat(4))
                .option(RoutingOptions.TOKEN_EXPORT_TIMEOUT, LIMIT)
                .build();
        try {
            ConsistencySession session = ConsistencySession.create();
            Flux.usingWhen(
                            factory.create(),
                            connection -> Flux.from(connection
                                            .createStatement("INSERT INTO note VALUES (7)")
                                            .execute())
                                    .concatMap(Result::getRowsUpdated),
                            Connection::close)
                    .contextWrite(Routing.session(session))
                    .blockLast(LIMIT);
            String token = factory.tokens().export(session).block(LIMIT);
            cluster.awaitReplication();
            cluster.promote(cluster.replicas().get(0));
            // So that the numbers go on under the next one.
            cluster.execute("INSERT INTO note VALUES (8)");
            cluster.awaitReplication();

            await().atMost(LIMIT).until(() -> {
                NodeState primary = factory.currentTopology().primary();
                return primary != null
                        && primary.id().name().equals(cluster.primary().name());
            });

            await().atMost(LIMIT).untilAsserted(() -> {
                routed.clear();
                assertThat(read(factory, token)).isOne();
                assertThat(routed.roles()).containsExactly(NodeRole.REPLICA);
            });
            assertThat(factory.tokens().counts().doubted()).isZero();
            assertThat(factory.losses()).isEqualTo(new LossCounts(0, 0));
        } finally {
            factory.close().block(LIMIT);
        }
    }

    private static Long read(RoutingConnectionFactory factory, String token) {
        return Mono.usingWhen(
                        factory.create(),
                        connection -> Flux.from(connection
                                        .createStatement("SELECT count(*) FROM note WHERE number = 7")
                                        .execute())
                                .concatMap(result -> result.map((row, metadata) -> row.get(0, Long.class)))
                                .next(),
                        Connection::close)
                .contextWrite(Routing.session(factory.tokens().accept(token)))
                .block(LIMIT);
    }
}
