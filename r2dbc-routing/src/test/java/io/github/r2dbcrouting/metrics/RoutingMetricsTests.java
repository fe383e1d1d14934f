package io.github.r2dbcrouting.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.consistency.TokenRefusal;
import io.github.r2dbcrouting.discovery.DiscoveryCounts;
import io.github.r2dbcrouting.outlier.OutlierCounts;
import io.github.r2dbcrouting.pool.CrowdCounts;
import io.github.r2dbcrouting.retry.FallbackReads;
import io.github.r2dbcrouting.retry.RetryCounts;
import io.github.r2dbcrouting.selection.Overrides;
import io.github.r2dbcrouting.services.AbandonedExchanges;
import io.github.r2dbcrouting.session.CatchUpCounts;
import io.github.r2dbcrouting.session.LossCounts;
import io.github.r2dbcrouting.session.SessionCounts;
import io.github.r2dbcrouting.session.TokenCounts;
import io.github.r2dbcrouting.switches.ShadowCounts;
import io.github.r2dbcrouting.topology.NodeId;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The meters of a factory. */
class RoutingMetricsTests {

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Counted counted = new Counted();

    @Test
    void shouldRegisterWhatTheFactoryCounts() {
        new RoutingMetrics(counted).bindTo(registry);

        assertThat(values())
                .containsEntry("r2dbc.routing.reads.waited", 1.0)
                .containsEntry("r2dbc.routing.reads.waited.in.vain", 2.0)
                .containsEntry("r2dbc.routing.reads.unpromising", 3.0)
                .containsEntry("r2dbc.routing.reads.weakened", 4.0)
                .containsEntry("r2dbc.routing.reads.stale", 5.0)
                .containsEntry("r2dbc.routing.retries", 6.0)
                .containsEntry("r2dbc.routing.retries.refused", 8.0)
                .containsEntry("r2dbc.routing.fallback.reads", 14.0)
                .containsEntry("r2dbc.routing.fallback.reads.refused", 15.0)
                .containsEntry("r2dbc.routing.fallback.reads.running", 10.0)
                .containsEntry("r2dbc.routing.nodes.ejected.failing", 32.0)
                .containsEntry("r2dbc.routing.nodes.ejected.slow", 33.0)
                .containsEntry("r2dbc.routing.nodes.flapping", 34.0)
                .containsEntry("r2dbc.routing.nodes.left.out", 35.0)
                .containsEntry("r2dbc.routing.sessions.kept", 41.0)
                .containsEntry("r2dbc.routing.sessions.evicted", 24.0)
                .containsEntry("r2dbc.routing.sessions.evicted.early", 25.0)
                .containsEntry("r2dbc.routing.discovery.failures", 72.0)
                .containsEntry("r2dbc.routing.discovery.nodes.added", 73.0)
                .containsEntry("r2dbc.routing.discovery.nodes.removed", 74.0)
                .containsEntry("r2dbc.routing.tokens.written", 27.0)
                .containsEntry("r2dbc.routing.tokens.unresolved", 28.0)
                .containsEntry("r2dbc.routing.switches.routing", 0.0)
                .containsEntry("r2dbc.routing.switches.lag.checks", 1.0)
                .containsEntry("r2dbc.routing.switches.excluded", 2.0)
                .containsEntry("r2dbc.routing.switches.replica.share", 25.0)
                .containsEntry("r2dbc.routing.switches.shadow", 0.0)
                .containsEntry("r2dbc.routing.shadow.reads", 186.0)
                .containsEntry("r2dbc.routing.shadow.reads.on.replicas", 61.0)
                .containsEntry("r2dbc.routing.acquisitions.spilled", 80.0)
                .containsEntry("r2dbc.routing.acquisitions.refused", 81.0)
                .containsEntry("r2dbc.routing.acquisitions.timed.out", 82.0)
                .containsEntry("r2dbc.routing.balancer.failures", 70.0)
                .containsEntry("r2dbc.routing.selector.failures", 71.0)
                .containsEntry("r2dbc.routing.exchanges.abandoned", 51.0);
        assertThat(registry.get("r2dbc.routing.tokens.refused")
                        .tag("reason", "expired")
                        .functionCounter()
                        .count())
                .isEqualTo(31);
        assertThat(values())
                .containsEntry("r2dbc.routing.sessions.lost", 19.0)
                .containsEntry("r2dbc.routing.sessions.unknown", 20.0);
        assertThat(registry.getMeters())
                .allSatisfy(meter -> assertThat(meter.getId().getDescription()).isNotBlank());
    }

    @Test
    void shouldTellFactoriesApartByTags() {
        new RoutingMetrics(counted, Tags.of("factory", "orders")).bindTo(registry);
        new RoutingMetrics(counted, Tags.of("factory", "users")).bindTo(registry);

        assertThat(registry.get("r2dbc.routing.retries").functionCounters()).hasSize(2);
    }

    private Map<String, Double> values() {
        Map<String, Double> values = new TreeMap<>();
        for (Meter meter : registry.getMeters()) {
            values.put(
                    meter.getId().getName(), meter.measure().iterator().next().getValue());
        }
        return values;
    }

    private static final class Counted implements RoutingCounts {

        @Override
        public CatchUpCounts catchUps() {
            return new CatchUpCounts(1, 2, 3, 4, 5);
        }

        @Override
        public DiscoveryCounts discoveries() {
            return new DiscoveryCounts(71, 72, 73, 74);
        }

        @Override
        public CrowdCounts crowds() {
            return new CrowdCounts(80, 81, 82);
        }

        @Override
        public long balancerFailures() {
            return 70;
        }

        @Override
        public long selectorFailures() {
            return 71;
        }

        @Override
        public RetryCounts retries() {
            return new RetryCounts(6, 7, 8, 9);
        }

        @Override
        public FallbackReads fallbackReads() {
            return new FallbackReads(10, 11, 12, 13, 14, 15);
        }

        @Override
        public SessionCounts sessionCounts() {
            return new SessionCounts(20, 21, 22, 23, 24, 25, 26);
        }

        @Override
        public Overrides overrides() {
            return Overrides.NONE
                    .routing(false)
                    .excluding(new NodeId("db2"))
                    .excluding(new NodeId("db3"))
                    .replicaShare(25);
        }

        @Override
        public ShadowCounts shadow() {
            return new ShadowCounts(61, 62, 63, Map.of(), Map.of(), List.of());
        }

        @Override
        public TokenCounts tokenCounts() {
            return new TokenCounts(27, 28, 29, 30, Map.of(TokenRefusal.EXPIRED, 31L));
        }

        @Override
        public LossCounts losses() {
            return new LossCounts(19, 20);
        }

        @Override
        public OutlierCounts outliers() {
            return new OutlierCounts(32, 33, 34, 35);
        }

        @Override
        public AbandonedExchanges abandonedExchanges() {
            return new AbandonedExchanges(16, 17, 18);
        }
    }
}
