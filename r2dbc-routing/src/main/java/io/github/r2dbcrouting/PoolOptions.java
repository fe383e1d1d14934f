package io.github.r2dbcrouting;

import io.github.r2dbcrouting.consistency.DurationText;
import io.github.r2dbcrouting.error.InvalidRoutingOptionException;
import io.github.r2dbcrouting.settings.DiscoverySettings;
import io.github.r2dbcrouting.settings.Durations;
import io.github.r2dbcrouting.settings.PerNode;
import io.github.r2dbcrouting.settings.PoolSettings;
import io.github.r2dbcrouting.settings.PoolSettings.Size;
import io.github.r2dbcrouting.settings.PoolSettings.Timeouts;
import io.github.r2dbcrouting.topology.NodeId;
import io.r2dbc.spi.Option;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads what is set for pools. */
final class PoolOptions {

    private static final List<Option<String>> OF_SOME = List.of(
            RoutingOptions.MAX_SIZES,
            RoutingOptions.INITIAL_SIZES,
            RoutingOptions.MIN_IDLES,
            RoutingOptions.CONNECT_TIMEOUTS,
            RoutingOptions.STATEMENT_TIMEOUTS);

    private PoolOptions() {}

    static PoolSettings read(OptionReader reader) {
        PoolSettings defaults = PoolSettings.defaults();
        return new PoolSettings(
                new PoolSettings.Size(
                        reader.integer(
                                RoutingOptions.INITIAL_SIZE, defaults.size().initial()),
                        reader.integer(RoutingOptions.MIN_IDLE, defaults.size().minIdle()),
                        reader.integer(RoutingOptions.MAX_SIZE, defaults.size().max())),
                reader.duration(RoutingOptions.MAX_IDLE_TIME, defaults.maxIdleTime()),
                reader.duration(RoutingOptions.MAX_LIFE_TIME, defaults.maxLifeTime()),
                reader.duration(RoutingOptions.WARM_UP, defaults.warmUp()),
                new PoolSettings.Queue(
                        reader.duration(
                                RoutingOptions.ACQUIRE_TIMEOUT, defaults.queue().acquireTimeout()),
                        reader.integer(
                                RoutingOptions.ACQUIRE_QUEUE, defaults.queue().acquireQueue()),
                        reader.integer(
                                RoutingOptions.SPILL_AFTER, defaults.queue().spillAfter())),
                defaults.timeouts());
    }

    /**
     * Returns what is set for all nodes, with what is set for some in its place.
     *
     * @param mode where the nodes come from: those that the domain name system finds are not the names that were given
     */
    static PerNode<PoolSettings> read(PoolSettings common, NodeValues values, DiscoverySettings.Mode mode) {
        if (mode == DiscoverySettings.Mode.DNS) {
            OF_SOME.forEach(values::requireNone);
        }
        Map<NodeId, Integer> maxSizes = numbers(values, RoutingOptions.MAX_SIZES, 1);
        Map<NodeId, Integer> initialSizes = numbers(values, RoutingOptions.INITIAL_SIZES, 0);
        Map<NodeId, Integer> minIdles = numbers(values, RoutingOptions.MIN_IDLES, 0);
        Map<NodeId, Duration> connectTimeouts = durations(values, RoutingOptions.CONNECT_TIMEOUTS);
        Map<NodeId, Duration> statementTimeouts = durations(values, RoutingOptions.STATEMENT_TIMEOUTS);
        Set<NodeId> named = new HashSet<>();
        named.addAll(maxSizes.keySet());
        named.addAll(initialSizes.keySet());
        named.addAll(minIdles.keySet());
        named.addAll(connectTimeouts.keySet());
        named.addAll(statementTimeouts.keySet());
        Map<NodeId, PoolSettings> own = new HashMap<>();
        for (NodeId node : named) {
            int max = maxSizes.getOrDefault(node, common.maxSize());
            Size size = new Size(
                    within(
                            max,
                            node,
                            initialSizes,
                            RoutingOptions.INITIAL_SIZES,
                            common.size().initial()),
                    within(
                            max,
                            node,
                            minIdles,
                            RoutingOptions.MIN_IDLES,
                            common.size().minIdle()),
                    max);
            own.put(node, common.with(size, new Timeouts(connectTimeouts.get(node), statementTimeouts.get(node))));
        }
        return new PerNode<>(common, own);
    }

    /** What was not meant for this node in particular is no more than it may have. */
    private static int within(int max, NodeId node, Map<NodeId, Integer> values, Option<String> option, int common) {
        Integer own = values.get(node);
        if (own != null && own > max) {
            throw new InvalidRoutingOptionException(
                    option.name(),
                    "is " + own + " for node " + node,
                    "0 to its maxSize, which is " + max,
                    "lower it or raise that");
        }
        return own == null ? Math.min(common, max) : own;
    }

    private static Map<NodeId, Integer> numbers(NodeValues values, Option<String> option, int least) {
        return values.read(option, "number", text -> {
            int number = Integer.parseInt(text);
            if (number < least) {
                throw new IllegalArgumentException("less than " + least);
            }
            return number;
        });
    }

    private static Map<NodeId, Duration> durations(NodeValues values, Option<String> option) {
        return values.read(option, "duration", text -> Durations.require(option.name(), DurationText.parse(text)));
    }
}
