package io.github.r2dbcrouting.switches;

import io.github.r2dbcrouting.topology.NodeId;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where reads would have gone that ran on the primary in shadow mode, since the factory was made.
 *
 * @param onReplicas how many would have gone to replicas
 * @param onPrimary how many would have gone to the primary, those among them that would first have waited for a replica to catch up with
 *     their session
 * @param refused how many would have been refused
 * @param byNode how many would have gone to each node; of very many the later ones count as one that is named {@code "others"}
 * @param byReason how many there were for each reason, as {@link io.github.r2dbcrouting.selection.RouteDecision#reason()} has it; of very
 *     many different ones the later ones count as {@code "others"}
 * @param sample the latest of them, the oldest first
 */
public record ShadowCounts(
        long onReplicas,
        long onPrimary,
        long refused,
        Map<NodeId, Long> byNode,
        Map<String, Long> byReason,
        List<ShadowedRead> sample) {

    public ShadowCounts {
        byNode = Map.copyOf(byNode);
        byReason = Map.copyOf(byReason);
        sample = List.copyOf(sample);
    }

    /** Nothing was recorded. */
    public static final ShadowCounts NONE = new ShadowCounts(0, 0, 0, Map.of(), Map.of(), List.of());

    /** Returns how many reads were recorded. */
    public long total() {
        return onReplicas + onPrimary + refused;
    }

    /**
     * One read.
     *
     * @param sql the beginning of its text, up to the first literal
     * @param node where it would have gone, or {@code null} if it would have been refused
     * @param reason why
     */
    public record ShadowedRead(String sql, @Nullable NodeId node, String reason) {}
}
