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
                "Reads that may miss what their session has seen, while there was no primary",
                from -> from.catchUps().stale());
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
        Gauge.builder(
                        PREFIX + "fallback.reads.running",
                        counts,
                        from -> from.fallbackReads().running())
                .description("Connections to the primary of reads that no replica could serve")
                .tags(tags)
                .register(registry);
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
        Gauge.builder(
                        PREFIX + "sessions.kept",
                        counts,
                        from -> from.sessionCounts().used()
                                + from.sessionCounts().idle())
                .description("Sessions that are kept by their keys")
                .tags(tags)
                .register(registry);
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

    private void count(MeterRegistry registry, String name, String description, ToDoubleFunction<RoutingCounts> count) {
        FunctionCounter.builder(PREFIX + name, counts, count)
                .description(description)
                .tags(tags)
                .register(registry);
    }
}
