package io.github.r2dbcrouting.switches;

import io.github.r2dbcrouting.selection.RouteDecision;
import io.github.r2dbcrouting.switches.ShadowCounts.ShadowedRead;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;

/** Counts what is decided in shadow mode, and keeps the latest. Safe for concurrent use, without a lock. */
public final class ShadowTally {

    private static final int KEPT = 100;
    private static final int MOST_REASONS = 100;
    private static final String OTHERS = "others";

    /** Nodes come and go. */
    private static final int MOST_NODES = 100;

    private static final NodeId OTHER_NODES = new NodeId(OTHERS);

    private final LongAdder onReplicas = new LongAdder();
    private final LongAdder onPrimary = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final Map<NodeId, LongAdder> byNode = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> byReason = new ConcurrentHashMap<>();
    private final AtomicReferenceArray<ShadowedRead> latest = new AtomicReferenceArray<>(KEPT);
    private final AtomicLong recorded = new AtomicLong();

    /**
     * Records a decision.
     *
     * @param sql the beginning of the statement's text, without anything that may be a secret
     */
    public void record(String sql, RouteDecision decision) {
        NodeState node = decision.node();
        if (node == null) {
            refused.increment();
        } else {
            (node.equals(decision.topology().primary()) ? onPrimary : onReplicas).increment();
            count(byNode, byNode.size() < MOST_NODES || byNode.containsKey(node.id()) ? node.id() : OTHER_NODES);
        }
        String reason = decision.reason();
        count(byReason, byReason.size() < MOST_REASONS || byReason.containsKey(reason) ? reason : OTHERS);
        int place = (int) (recorded.getAndIncrement() % KEPT);
        latest.set(place, new ShadowedRead(sql, node == null ? null : node.id(), reason));
    }

    private static <K> void count(Map<K, LongAdder> counts, K key) {
        LongAdder known = counts.get(key);
        (known != null ? known : counts.computeIfAbsent(key, unused -> new LongAdder())).increment();
    }

    /** Returns what was recorded. */
    public ShadowCounts counts() {
        List<ShadowedRead> sample = new ArrayList<>();
        long end = recorded.get();
        for (long number = Math.max(0, end - KEPT); number < end; number++) {
            ShadowedRead read = latest.get((int) (number % KEPT));
            if (read != null) {
                sample.add(read);
            }
        }
        return new ShadowCounts(onReplicas.sum(), onPrimary.sum(), refused.sum(), sums(byNode), sums(byReason), sample);
    }

    private static <K> Map<K, Long> sums(Map<K, LongAdder> counts) {
        Map<K, Long> sums = new HashMap<>();
        counts.forEach((key, count) -> sums.put(key, count.sum()));
        return sums;
    }
}
