package io.github.r2dbcrouting.settings;

import io.github.r2dbcrouting.cost.CostSettings;
import io.github.r2dbcrouting.error.InvalidRoutingOptionException;
import io.github.r2dbcrouting.monitor.MonitorSettings;
import io.github.r2dbcrouting.outlier.OutlierSettings;
import io.github.r2dbcrouting.selection.SelectionSettings;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeSettings;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Everything that a factory is set to, but for the driver's own options.
 *
 * @param nodes where the nodes are found, none twice, and at least one unless they are discovered; their roles are observed
 * @param discovery where others come from
 * @param selection what a replica must be like to serve reads
 * @param switches whether reads go to replicas at the beginning
 * @param monitor how the nodes are watched
 * @param pools the pool of each node
 * @param exchanges how exchanges are bounded
 * @param consistency what reads observe of what was written before
 * @param sessions how sessions are kept between their requests
 * @param retries what is sent again, and how many reads may fall back to the primary
 * @param optimism which transactions begin on a replica though they may write
 * @param costs whether reads are told apart by what they cost
 * @param outliers when nodes are left out or held back although they answer
 * @param idleTimeout after which a factory without an open connection closes its pools and stops watching, until the next
 *     one; positive
 * @param secretCheckInterval how often the suppliers of passwords and TLS material are asked besides at each opening;
 *     positive
 * @param functionCheckInterval how often the database is asked for its functions besides when there is a reason to; positive
 * @param statementCacheSize how many statements' texts are remembered with what they do; at least 1
 */
public record RoutingSettings(
        List<NodeSettings> nodes,
        DiscoverySettings discovery,
        SelectionSettings selection,
        SwitchSettings switches,
        MonitorSettings monitor,
        PerNode<PoolSettings> pools,
        ExchangeSettings exchanges,
        ConsistencySettings consistency,
        SessionSettings sessions,
        RetrySettings retries,
        OptimisticSettings optimism,
        CostSettings costs,
        OutlierSettings outliers,
        Duration idleTimeout,
        Duration secretCheckInterval,
        Duration functionCheckInterval,
        int statementCacheSize) {

    public RoutingSettings {
        nodes = List.copyOf(nodes);
        Durations.require("idleTimeout", idleTimeout);
        Durations.require("secretCheckInterval", secretCheckInterval);
        Durations.require("functionCheckInterval", functionCheckInterval);
        if (nodes.isEmpty() && discovery.mode() != DiscoverySettings.Mode.OWN) {
            throw new InvalidRoutingOptionException(
                    "nodes", "is empty", "at least one node", "name them as host:port, several separated by commas");
        }
        if (statementCacheSize < 1) {
            throw new InvalidRoutingOptionException(
                    "statementCacheSize",
                    "is " + statementCacheSize,
                    "at least 1",
                    "leave it at its default or raise it to the number of different statements");
        }
        requireMeasurable("maxLag", selection.maxLag(), monitor.interval());
        requireGrace("maxLag", selection.maxLag(), sessions.grace());
        for (NodeSettings node : nodes) {
            Duration own = node.maxLag();
            if (own != null) {
                requireMeasurable("maxLags", own, monitor.interval());
                requireGrace("maxLags", own, sessions.grace());
            }
        }
        requireRoom(retries.fallback().limit(), pools);
        requireDistinct(nodes);
    }

    /** Returns the nodes that are there from the beginning: none where what was given are only names to ask for. */
    public List<NodeSettings> firstNodes() {
        return discovery.mode() == DiscoverySettings.Mode.DNS ? List.of() : nodes;
    }

    private static void requireMeasurable(String option, Duration maxLag, Duration probeInterval) {
        if (maxLag.compareTo(probeInterval) < 0) {
            throw new InvalidRoutingOptionException(
                    option,
                    "is " + maxLag,
                    "probeInterval, which is " + probeInterval + ", or more: what is known of a replica is as old",
                    "raise it or lower probeInterval");
        }
    }

    private static void requireGrace(String option, Duration maxLag, Duration grace) {
        if (grace.compareTo(maxLag) < 0) {
            throw new InvalidRoutingOptionException(
                    "sessionGrace",
                    "is " + grace,
                    option + ", which is " + maxLag + ", or more: replicas may be as far behind",
                    "raise it or lower " + option);
        }
    }

    /** Any node may become the primary, to which reads fall back. */
    private static void requireRoom(int fallbackReads, PerNode<PoolSettings> pools) {
        requireRoom(fallbackReads, pools.common(), "maxSize", "maxSize");
        pools.own().entrySet().stream()
                .min(Comparator.comparingInt(own -> own.getValue().maxSize()))
                .ifPresent(own ->
                        requireRoom(fallbackReads, own.getValue(), "the maxSize of node " + own.getKey(), "maxSizes"));
    }

    private static void requireRoom(int fallbackReads, PoolSettings pool, String size, String option) {
        if (fallbackReads > pool.maxSize()) {
            throw new InvalidRoutingOptionException(
                    "maxFallbackReads",
                    "is " + fallbackReads,
                    "at most " + size + ", which is " + pool.maxSize(),
                    "lower it, so that writes keep connections, or raise " + option);
        }
    }

    private static void requireDistinct(List<NodeSettings> nodes) {
        Set<NodeId> names = new HashSet<>();
        Set<String> addresses = new HashSet<>();
        for (NodeSettings node : nodes) {
            if (!names.add(node.id()) || !addresses.add(node.host() + " " + node.port())) {
                throw new InvalidRoutingOptionException(
                        "nodes", "names " + node.id() + " twice", "each node once", "remove one of them");
            }
        }
    }
}
