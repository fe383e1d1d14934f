package io.github.r2dbcrouting.outlier;

import io.github.r2dbcrouting.outlier.OutlierFinding.Cause;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Replication;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Compares what became of the statements of the nodes. It is looked through from time to time, every {@link #PERIOD}, and as soon
 * as a node has failed too many statements in a row; used by one thread at a time, it has no clock of its own and decides
 * nothing: what it finds is judged by {@link Standings}.
 *
 * <table>
 *   <caption>What it finds of a replica</caption>
 *   <tr><td>fails</td><td>so many statements in a row, each sent after the one before had failed</td></tr>
 *   <tr><td>is slow</td><td>its median is far above that of its peers: replicas of the same region, zone, tags and priority, which may be
 *       expected to do the same</td></tr>
 *   <tr><td>is still</td><td>statements run and none ends while those of other nodes do: it is <em>doubted</em>, so that it is probed.
 *       If it does not answer that within three floors of latencies, or ten times as long as usual, it is slow, long before the probe
 *       has timed out. If it does, it is slow only if many statements are still for ten floors while its peers answer</td></tr>
 * </table>
 */
public final class OutlierWatch {

    /** How often it is to be looked through. */
    public static final Duration PERIOD = Duration.ofMillis(100);

    private static final long WINDOW = Duration.ofSeconds(3).toNanos();

    /** So many floors, and so many times its last round trip, a doubted node has to answer its probe. */
    private static final int FLOORS_TO_ANSWER = 3;

    private static final int ROUND_TRIPS_TO_ANSWER = 10;

    private static final int MANY_STILL = 10;
    private static final int LONG_STILL = 10;

    /** What the others have answered meanwhile, so that it is not this process that stood still. */
    private static final int FEWEST_ELSEWHERE = 10;

    private final OutlierSettings settings;
    private final Outcomes outcomes;
    private final Map<NodeId, NodeWatch> nodes = new HashMap<>();
    private @Nullable Long windowBegan;

    public OutlierWatch(OutlierSettings settings, Outcomes outcomes) {
        this.settings = settings;
        this.outcomes = outcomes;
    }

    /**
     * What a look has shown.
     *
     * @param findings what is to be judged
     * @param doubted the nodes that are to be probed at once
     */
    public record Report(List<OutlierFinding> findings, List<NodeState> doubted) {}

    /**
     * Looks at what has happened since the last time.
     *
     * @param topology the nodes as they are seen now
     * @param now nanoseconds of the clock of the samples
     */
    public Report look(Topology topology, long now) {
        Report report = new Report(new ArrayList<>(2), new ArrayList<>(2));
        List<Seen> seen = seen(topology, now);
        long endedInAll = seen.stream().mapToLong(node -> node.watch().ended()).sum();
        for (Seen node : seen) {
            if (node.isReplica()) {
                failing(node, report);
                still(node, seen, endedInAll, now, report);
            }
        }
        if (windowBegan == null || now - windowBegan >= WINDOW) {
            seen.stream().filter(Seen::isReplica).forEach(node -> slow(node, seen, report));
            List<Seen> compared =
                    seen.stream().filter(node -> isComparable(node, seen)).toList();
            seen.forEach(node -> node.watch().closeWindow(compared.contains(node), now));
            windowBegan = now;
        }
        return report;
    }

    private List<Seen> seen(Topology topology, long now) {
        List<Seen> seen = new ArrayList<>();
        nodes.keySet().removeIf(id -> topology.node(id) == null);
        outcomes.follow(topology);
        for (NodeState node : topology.nodes()) {
            NodeOutcomes present = outcomes.present(node.id(), node.generation());
            if (present != null && node.isUsable()) {
                NodeWatch watch = nodes.compute(
                        node.id(),
                        (id, known) -> known != null && known.isOf(present) ? known : new NodeWatch(present, now));
                Objects.requireNonNull(watch).take();
                seen.add(new Seen(node, watch));
            }
        }
        return seen;
    }

    private void failing(Seen node, Report report) {
        int errors = node.watch().outcomes().errors();
        if (errors >= settings.consecutiveErrors()) {
            node.watch().outcomes().forgetErrors();
            report.findings().add(node.finding(Cause.ERRORS, errors + " statements in a row failed by its fault"));
        }
    }

    private void still(Seen node, List<Seen> all, long endedInAll, long now, Report report) {
        NodeWatch watch = node.watch();
        long elsewhere = endedInAll - watch.ended();
        long byPeers = alike(node, all).mapToLong(peer -> peer.watch().ended()).sum();
        long still = watch.stillFor(elsewhere, byPeers, now);
        long floor = settings.latency().floor().toNanos();
        // One is enough: a balancer that looks at what is in flight gives a silent node no more.
        boolean doubtful = watch.underWay() > 0
                && watch.endedElsewhere(elsewhere) >= FEWEST_ELSEWHERE
                && still >= Math.max(floor, (long) (settings.latency().factor() * usual(node, all)));
        if (!doubtful) {
            return;
        }
        Long doubtedAt = watch.doubtedAt();
        if (doubtedAt == null) {
            watch.doubt(now);
            report.doubted().add(node.state());
            return;
        }
        boolean answers = watch.hasAnswered(node.state());
        boolean slow = answers
                ? watch.underWay() >= MANY_STILL
                        && still >= LONG_STILL * floor
                        && watch.endedByPeers(byPeers) >= FEWEST_ELSEWHERE
                : now - doubtedAt >= Math.max(FLOORS_TO_ANSWER * floor, ROUND_TRIPS_TO_ANSWER * roundTrip(node));
        if (slow) {
            watch.forgetStillness(now);
            report.findings()
                    .add(node.finding(
                            Cause.LATENCY,
                            "none of the statements under way, " + watch.underWay() + ", was answered for "
                                    + Spans.of(still) + (answers ? "" : ", nor was a probe")
                                    + ", while other nodes answered theirs"));
        }
    }

    private static long roundTrip(Seen node) {
        Replication sample = node.state().replication();
        return sample == null ? 0 : sample.roundTrip().toNanos();
    }

    /** Returns what is usual on the node or, if that is more, on its peers. */
    private static long usual(Seen node, List<Seen> all) {
        return Math.max(node.watch().median(), median(peers(node, all)));
    }

    private static List<Seen> peers(Seen node, List<Seen> all) {
        return alike(node, all).filter(other -> other.watch().hasMedian()).toList();
    }

    /** Returns the other replicas that stand in the same place and are for the same: those elsewhere may be slower, or faster, by nature. */
    private static Stream<Seen> alike(Seen node, List<Seen> all) {
        NodeSettings own = node.state().settings();
        return all.stream().filter(other -> {
            NodeSettings others = other.state().settings();
            return other != node
                    && other.isReplica()
                    && others.placement().equals(own.placement())
                    && others.share().priority() == own.share().priority();
        });
    }

    private static long median(List<Seen> nodes) {
        long[] sorted =
                nodes.stream().mapToLong(node -> node.watch().median()).sorted().toArray();
        return sorted.length == 0 ? 0 : sorted[(sorted.length - 1) / 2];
    }

    private static boolean isComparable(Seen node, List<Seen> all) {
        return alike(node, all).findAny().isEmpty() || !peers(node, all).isEmpty();
    }

    private void slow(Seen node, List<Seen> all, Report report) {
        List<Seen> peers = peers(node, all);
        if (!node.watch().hasMedian() || peers.isEmpty()) {
            return;
        }
        long usual = median(peers);
        long own = node.watch().median();
        OutlierSettings.Latency limits = settings.latency();
        if (own > limits.factor() * usual && own - usual > limits.floor().toNanos()) {
            report.findings()
                    .add(node.finding(
                            Cause.LATENCY,
                            "half of its statements take longer than " + Spans.of(own) + ", those of its peers "
                                    + Spans.of(usual)));
        }
    }

    private record Seen(NodeState state, NodeWatch watch) {

        boolean isReplica() {
            return state.role() == NodeRole.REPLICA;
        }

        OutlierFinding finding(Cause cause, String seen) {
            return new OutlierFinding(state.id(), state.generation(), cause, seen);
        }
    }
}
