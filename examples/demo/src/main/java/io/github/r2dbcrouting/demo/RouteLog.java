package io.github.r2dbcrouting.demo;

import io.github.r2dbcrouting.services.RouteListener;
import io.github.r2dbcrouting.services.StatementRoute;
import io.github.r2dbcrouting.sql.StatementProfile.Access;
import io.github.r2dbcrouting.topology.NodeRole;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.LongAdder;

/** Is told by the router of each statement, and counts where they go. */
final class RouteLog implements RouteListener {

    private final Map<String, LongAdder> reads = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> writes = new ConcurrentHashMap<>();
    private final LongAdder sentAgain = new LongAdder();
    private final Queue<StatementRoute> recorded = new ConcurrentLinkedQueue<>();
    private volatile boolean recording;

    @Override
    public void routed(StatementRoute route) {
        if (recording) {
            recorded.add(route);
        }
        if (!route.sql().startsWith("BEGIN")) {
            Map<String, LongAdder> counts = isRead(route) ? reads : writes;
            counts.computeIfAbsent(route.node().name(), node -> new LongAdder()).increment();
        }
        if (route.decision() != null
                && !route.decision().request().excludedNodes().isEmpty()) {
            sentAgain.increment();
        }
    }

    /** Whatever runs on a replica reads; on the primary it is known from the decision. */
    private static boolean isRead(StatementRoute route) {
        return route.role() == NodeRole.REPLICA
                || route.decision() != null && route.decision().request().access() == Access.READ;
    }

    /** Does something and returns where its statements went, in order. */
    List<StatementRoute> record(Runnable work) {
        recorded.clear();
        recording = true;
        try {
            work.run();
        } finally {
            recording = false;
        }
        return List.copyOf(recorded);
    }

    long reads(String node) {
        return sum(reads, node);
    }

    long writes(String node) {
        return sum(writes, node);
    }

    /** Returns how many statements were routed again because the node that they were sent to first had failed. */
    long sentAgain() {
        return sentAgain.sum();
    }

    void clear() {
        reads.clear();
        writes.clear();
        sentAgain.reset();
    }

    private static long sum(Map<String, LongAdder> counts, String node) {
        LongAdder count = counts.get(node);
        return count == null ? 0 : count.sum();
    }
}
