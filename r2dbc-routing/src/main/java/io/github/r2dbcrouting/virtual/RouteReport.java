package io.github.r2dbcrouting.virtual;

import io.github.r2dbcrouting.acquiring.Want;
import io.github.r2dbcrouting.hold.Hold;
import io.github.r2dbcrouting.selection.RouteDecision;
import io.github.r2dbcrouting.services.ConnectionServices;
import io.github.r2dbcrouting.services.StatementRoute;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Exceptions;

/**
 * Tells where statements go and why, just before they are sent: the listener each of them, whoever asked in the context his
 * own, and the log all of them at DEBUG. What a defect of theirs throws stops no statement.
 */
final class RouteReport {

    private static final Logger logger = LoggerFactory.getLogger(RouteReport.class);

    /** One line for each statement, with the verdict on each node. */
    private static final Logger routes = LoggerFactory.getLogger("io.github.r2dbcrouting.routes");

    private static final int LONGEST_SHOWN = 100;

    private RouteReport() {}

    /**
     * Tells of a statement.
     *
     * @param decision why it goes there, or {@code null} if the connection was pinned before
     */
    static void tell(ConnectionServices services, Want want, Hold hold, @Nullable RouteDecision decision) {
        String reason = decision == null ? pinned(hold) : decision.reason();
        RouteDecision shadowed = decision == null ? null : decision.shadowed();
        if (shadowed != null) {
            services.routing().steering().shadow().record(beginning(want.sql()), shadowed);
        }
        StatementRoute route =
                new StatementRoute(want.sql(), hold.lease().node(), hold.lease().role(), reason, decision);
        try {
            services.routing().listener().routed(route);
        } catch (Throwable defect) {
            Exceptions.throwIfJvmFatal(defect);
            logger.warn("a route listener failed; the statement goes on", defect);
        }
        Consumer<? super RouteDecision> explain = want.hints().explain();
        boolean logged = routes.isDebugEnabled();
        if (explain != null || logged) {
            explain(want, decision == null ? settled(services, want, hold, reason) : decision, explain, logged);
        }
    }

    private static void explain(
            Want want,
            @Nullable RouteDecision decision,
            @Nullable Consumer<? super RouteDecision> explain,
            boolean logged) {
        if (decision == null) {
            return;
        }
        if (logged) {
            routes.debug("{}: {}", beginning(want.sql()), decision);
        }
        if (explain != null) {
            try {
                explain.accept(decision);
            } catch (Throwable defect) {
                Exceptions.throwIfJvmFatal(defect);
                logger.warn("a consumer of explanations failed; the statement goes on", defect);
            }
        }
    }

    /** Returns what is explained of a statement on a pin, unless its node is none of the snapshot's any more. */
    private static @Nullable RouteDecision settled(ConnectionServices services, Want want, Hold hold, String reason) {
        Topology topology = services.routing().topology().current();
        NodeState node = topology.node(hold.lease().node());
        return node == null ? null : RouteDecision.settled(want.request(null), topology, node, reason);
    }

    private static String pinned(Hold hold) {
        if (hold.isInTransaction()) {
            return hold.isPinnedForReading() ? "pinned: a read-only transaction" : "pinned: a transaction";
        }
        return hold.isAltered() ? "pinned: what an earlier statement left in the session" : "pinned: an earlier write";
    }

    /** Returns the beginning of a text, up to its first literal, since that may be a secret. */
    private static String beginning(String sql) {
        int end = 0;
        while (end < sql.length() && end < LONGEST_SHOWN && !isQuote(sql.charAt(end))) {
            end++;
        }
        String shown = sql.substring(0, end).replaceAll("\\s+", " ").trim();
        return end < sql.length() ? shown + " …" : shown;
    }

    private static boolean isQuote(char c) {
        return c == '\'' || c == '"' || c == '$';
    }
}
