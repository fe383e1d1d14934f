package io.github.r2dbcrouting.metrics;

import io.github.r2dbcrouting.consistency.TokenRefusal;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * Registers what a factory counts: {@code new RoutingMetrics(factory).bindTo(registry)}. The meters read the factory's own counters when
 * they are asked, so that they cost its statements nothing. A registry holds the factory weakly.
 */
public final class RoutingMetrics implements MeterBinder {

    private static final String PREFIX = "r2dbc.routing.";

    private final RoutingCounts counts;
    private final Iterable<Tag> tags;

    /** Creates the meters of a factory. */
    public RoutingMetrics(RoutingCounts counts) {
        this(counts, Tags.empty());
    }

    /**
     * Creates the meters of one factory among several.
     *
     * @param tags what tells it from the others, such as its name
     */
    public RoutingMetrics(RoutingCounts counts, Iterable<Tag> tags) {
        this.counts = counts;
        this.tags = Tags.of(tags);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        count(
                registry,
                "reads.waited",
                "Reads that waited for a replica to catch up",
                from -> from.catchUps().waited());
        count(
                registry,
                "reads.waited.in.vain",
                "Reads that waited for a replica and went to the primary",
                from -> from.catchUps().inVain());
        count(
                registry,
                "reads.unpromising",
                "Reads that went to the primary at once, since those before had waited in vain",
                from -> from.catchUps().unpromising());
        count(
                registry,
                "reads.weakened",
                "Reads on the primary that may miss what replicas have shown to their session",
                from -> from.catchUps().weakened());
        count(
                registry,
                "reads.stale",
                "Reads that may miss what their session has seen, while there was no primary or no room on it",
                from -> from.catchUps().stale());
        count(
                registry,
                "acquisitions.spilled",
                "Reads that went to another node, since the chosen one had no free connection",
                from -> from.crowds().spilled());
        count(
                registry,
                "acquisitions.refused",
                "Acquisitions of a connection that were turned away, since too many waited",
                from -> from.crowds().refused());
        count(
                registry,
                "acquisitions.timed.out",
                "Acquisitions of a connection that waited in vain",
                from -> from.crowds().timedOut());
        count(
                registry,
                "sessions.lost",
                "Sessions that have seen a write which did not survive a failover",
                from -> from.losses().lost());
        count(
                registry,
                "sessions.unknown",
                "Sessions that have seen something of which nobody can tell whether it survived a failover",
                from -> from.losses().unknown());
        count(
                registry,
                "retries",
                "Statements that were sent again",
                from -> from.retries().sent());
        count(
                registry,
                "retries.refused",
                "Statements for which the retry budget was spent",
                from -> from.retries().refused());
        count(
                registry,
                "fallback.reads",
                "Reads on the primary because no replica could serve them",
                from -> from.fallbackReads().admitted());
        count(
                registry,
                "fallback.reads.refused",
                "Reads that failed because too many had to go to the primary",
                from -> from.fallbackReads().refused());
        gauge(
                registry,
                "fallback.reads.running",
                "Connections to the primary of reads that no replica could serve",
                from -> from.fallbackReads().running());
        gauge(
                registry,
                "switches.routing",
                "1 while reads go to replicas, 0 while operators have switched that off",
                from -> from.overrides().routing() ? 1 : 0);
        gauge(
                registry,
                "switches.lag.checks",
                "1 while replicas that are too far behind are left out, 0 while operators have switched that off",
                from -> from.overrides().lagChecks() ? 1 : 0);
        gauge(
                registry,
                "switches.excluded",
                "Nodes that operators have excluded from reads",
                from -> from.overrides().excluded().size());
        gauge(
                registry,
                "switches.replica.share",
                "How many of a hundred reads that might go to replicas operators send there",
                from -> from.overrides().replicaShare());
        gauge(
                registry,
                "switches.shadow",
                "1 while reads run on the primary and are recorded only",
                from -> from.overrides().shadow() ? 1 : 0);
        count(
                registry,
                "shadow.reads",
                "Reads that ran on the primary in shadow mode",
                from -> from.shadow().total());
        count(
                registry,
                "shadow.reads.on.replicas",
                "Those of them that would have gone to replicas",
                from -> from.shadow().onReplicas());
        count(
                registry,
                "nodes.ejected.failing",
                "How often a replica was left out since it failed statement after statement",
                from -> from.outliers().failing());
        count(
                registry,
                "nodes.ejected.slow",
                "How often a replica was left out since it was far slower than its peers",
                from -> from.outliers().slow());
        count(
                registry,
                "nodes.flapping",
                "How often a node was held back since it came and went",
                from -> from.outliers().flapping());
        Gauge.builder(PREFIX + "nodes.left.out", counts, from -> from.outliers().leftOut())
                .description("Nodes that are left out or held back although they answer")
                .tags(tags)
                .register(registry);
        count(
                registry,
                "balancer.failures",
                "Picks of a load balancer that has thrown or returned what it was not given",
                RoutingCounts::balancerFailures);
        count(
                registry,
                "selector.failures",
                "Times that a node selector has thrown or returned what it was not given",
                RoutingCounts::selectorFailures);
        count(
                registry,
                "sessions.evicted",
                "Sessions that were forgotten because there were too many",
                from -> from.sessionCounts().evicted());
        count(
                registry,
                "sessions.evicted.early",
                "Those of them that had something to remember yet",
                from -> from.sessionCounts().evictedEarly());
        gauge(
                registry,
                "sessions.kept",
                "Sessions that are kept by their keys",
                from -> from.sessionCounts().used() + from.sessionCounts().idle());
        count(
                registry,
                "discovery.failures",
                "Questions for the list of nodes that were not answered, so that the nodes stayed as they were",
                from -> from.discoveries().failures());
        count(
                registry,
                "discovery.nodes.added",
                "Nodes that were added because they were discovered",
                from -> from.discoveries().added());
        count(
                registry,
                "discovery.nodes.removed",
                "Nodes that were removed because they were discovered no more",
                from -> from.discoveries().removed());
        count(
                registry,
                "tokens.written",
                "Session tokens that were made",
                from -> from.tokenCounts().written());
        count(
                registry,
                "tokens.unresolved",
                "Those of them that do not tell all",
                from -> from.tokenCounts().unresolved());
        for (TokenRefusal refusal : TokenRefusal.values()) {
            FunctionCounter.builder(
                            PREFIX + "tokens.refused",
                            counts,
                            from -> from.tokenCounts().refused().getOrDefault(refusal, 0L))
                    .description("Session tokens that were not believed")
                    .tags(tags)
                    .tag("reason", refusal.name().toLowerCase(Locale.ROOT))
                    .register(registry);
        }
        count(
                registry,
                "exchanges.abandoned",
                "Statements that were cancelled while they ran",
                from -> from.abandonedExchanges().total());
    }

    private void gauge(MeterRegistry registry, String name, String description, ToDoubleFunction<RoutingCounts> value) {
        Gauge.builder(PREFIX + name, counts, value)
                .description(description)
                .tags(tags)
                .register(registry);
    }

    private void count(MeterRegistry registry, String name, String description, ToDoubleFunction<RoutingCounts> count) {
        FunctionCounter.builder(PREFIX + name, counts, count)
                .description(description)
                .tags(tags)
                .register(registry);
    }
}
