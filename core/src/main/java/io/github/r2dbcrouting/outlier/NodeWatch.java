package io.github.r2dbcrouting.outlier;

import io.github.r2dbcrouting.topology.NodeProblem;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Replication;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is watched of one life of a node, from look to look. */
final class NodeWatch {

    /** A median of fewer says little. */
    static final int FEWEST_SAMPLES = 20;

    /** Older latencies are forgotten, however few there are. */
    private static final long LONGEST_WINDOW = Duration.ofSeconds(30).toNanos();

    private static final Set<NodeProblem.Kind> ANSWERS =
            EnumSet.of(NodeProblem.Kind.SATURATED, NodeProblem.Kind.REFUSING, NodeProblem.Kind.UNASKED);

    private final NodeOutcomes outcomes;
    private final int[] latencies = LatencyHistogram.totals();
    private int samples;
    private long windowBegan;
    private long median;
    private long ended;
    private boolean runs;
    private long stillSince;
    private long endedElsewhereThen;
    private long endedByPeersThen;
    private @Nullable Long doubtedAt;

    NodeWatch(NodeOutcomes outcomes, long now) {
        this.outcomes = outcomes;
        this.windowBegan = now;
        this.stillSince = now;
    }

    boolean isOf(NodeOutcomes present) {
        return outcomes == present;
    }

    NodeOutcomes outcomes() {
        return outcomes;
    }

    /** Takes in what has happened since the last look. */
    void take() {
        samples += outcomes.drainLatencies(latencies);
    }

    /** Returns how many statements were answered on it, or have ended otherwise. */
    long ended() {
        return outcomes.endedInAll();
    }

    /** Returns how many statements run on it without a sign of an answer, roughly. */
    long underWay() {
        return outcomes.begun() - outcomes.endedInAll();
    }

    /**
     * Returns for how long nothing has ended on it while something ran, in nanoseconds.
     *
     * @param elsewhere how many statements have ended on the other nodes
     * @param byPeers how many of them on its peers
     */
    long stillFor(long elsewhere, long byPeers, long now) {
        long endedNow = ended();
        boolean ranBefore = runs;
        runs = underWay() > 0;
        if (endedNow != ended || !ranBefore) {
            ended = endedNow;
            stillSince = now;
            endedElsewhereThen = elsewhere;
            endedByPeersThen = byPeers;
            doubtedAt = null;
        }
        return now - stillSince;
    }

    /** Returns how many statements have ended on the other nodes since nothing has on this one. */
    long endedElsewhere(long elsewhere) {
        return elsewhere - endedElsewhereThen;
    }

    /** Returns how many of them have ended on its peers. */
    long endedByPeers(long byPeers) {
        return byPeers - endedByPeersThen;
    }

    /** Returns since when it is doubted that the node is alive; {@code null} for not at all. */
    @Nullable
    Long doubtedAt() {
        return doubtedAt;
    }

    void doubt(long now) {
        doubtedAt = now;
    }

    /** It was acted upon: the same has to be seen once more. */
    void forgetStillness(long now) {
        stillSince = now;
        doubtedAt = null;
    }

    /**
     * Returns whether a probe that was sent since the node was doubted was answered, be it by a refusal; or none could be sent, which
     * says nothing.
     */
    boolean hasAnswered(NodeState node) {
        NodeProblem problem = node.problem();
        if (problem != null && ANSWERS.contains(problem.kind())) {
            return true;
        }
        Replication sample = node.replication();
        return doubtedAt != null && sample != null && sample.sampledAt() - doubtedAt >= 0;
    }

    boolean hasMedian() {
        return samples >= FEWEST_SAMPLES;
    }

    /** Returns the median of its present window if that has enough samples, else that of the last one that had. */
    long median() {
        return hasMedian() ? LatencyHistogram.median(latencies, samples) : median;
    }

    /**
     * Begins a new window if this one has told something, or is old.
     *
     * @param compared whether it could be held against that of a peer; as long as peers have too few samples it goes on, or they might
     *     never have enough at the same time
     */
    void closeWindow(boolean compared, long now) {
        if (!(hasMedian() && compared) && now - windowBegan < LONGEST_WINDOW) {
            return;
        }
        if (hasMedian()) {
            median = median();
        }
        Arrays.fill(latencies, 0);
        samples = 0;
        windowBegan = now;
    }
}
