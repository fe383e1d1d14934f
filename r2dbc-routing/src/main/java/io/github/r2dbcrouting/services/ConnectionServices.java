package io.github.r2dbcrouting.services;

import io.github.r2dbcrouting.balancing.NodeLoads;
import io.github.r2dbcrouting.cost.QueryCosts;
import io.github.r2dbcrouting.dialect.BackgroundTasks;
import io.github.r2dbcrouting.dialect.DatabaseDialect;
import io.github.r2dbcrouting.dialect.DriverConnection;
import io.github.r2dbcrouting.dialect.DriverTemplate;
import io.github.r2dbcrouting.error.Refusals;
import io.github.r2dbcrouting.monitor.TopologySource;
import io.github.r2dbcrouting.outlier.Outcomes;
import io.github.r2dbcrouting.pool.DeadlineWatch;
import io.github.r2dbcrouting.pool.NodePools;
import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.retry.FallbackGate;
import io.github.r2dbcrouting.retry.RetryPolicy;
import io.github.r2dbcrouting.selection.HintPrecedence;
import io.github.r2dbcrouting.selection.RouteDecision;
import io.github.r2dbcrouting.selection.RouteRequest;
import io.github.r2dbcrouting.selection.Router;
import io.github.r2dbcrouting.selection.RoutingHints;
import io.github.r2dbcrouting.session.Sessions;
import io.github.r2dbcrouting.settings.ExchangeSettings;
import io.github.r2dbcrouting.sql.RoutingComment;
import io.github.r2dbcrouting.sql.StatementProfile;
import io.github.r2dbcrouting.sql.StatementProfile.Access;
import io.github.r2dbcrouting.sql.StatementProfiles;
import io.github.r2dbcrouting.switches.Steering;
import io.github.r2dbcrouting.transaction.Optimism;
import io.github.r2dbcrouting.transaction.TransactionText;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;

/**
 * What all virtual connections of a factory share.
 *
 * @param routing how a node is chosen
 * @param pools where connections come from
 * @param profiles what statements do
 * @param driver the driver's dialect and its checks
 * @param admission the gate before the primary
 * @param exchanges the limits of exchanges
 * @param retrying what is sent again, and how much of it
 * @param optimism which transactions begin on a replica though they may write
 * @param waiting how statements wait for a primary
 * @param watches what watches over abandoned exchanges
 * @param background what owns the work that nobody waits for
 */
public record ConnectionServices(
        Routing routing,
        NodePools pools,
        StatementProfiles profiles,
        Driver driver,
        PrimaryAdmission admission,
        ExchangeSettings exchanges,
        Retrying retrying,
        Optimism optimism,
        Waiting waiting,
        Watches watches,
        BackgroundTasks background) {

    /**
     * Returns where a statement would go now, outside a transaction.
     *
     * @param hints what its subscriber would wish
     */
    public RouteDecision explain(String sql, RoutingHints hints) {
        StatementProfile profile = profiles.profile(sql);
        RoutingComment comment = profile.comment();
        if (comment != null && comment.defect() != null) {
            throw Refusals.of(comment.defect());
        }
        RoutingHints wishes = HintPrecedence.ofStatement(comment, hints, RoutingHints.NONE);
        Access access = TransactionText.beginsReading(sql, profile, driver.dialect()) ? Access.READ : profile.access();
        RouteRequest request = new RouteRequest(access, wishes, null, null, Set.of());
        return routing.router().preview(routing.topology().current(), request);
    }

    /**
     * How a node is chosen.
     *
     * @param topology where the snapshots come from
     * @param router the choice
     * @param history how branches descend from one another
     * @param listener is told of each statement
     * @param sessions whose writes a read must see
     * @param steering what operators want
     * @param loads the live numbers of the nodes
     * @param observed takes what became of each statement
     */
    public record Routing(
            TopologySource topology,
            Router router,
            BranchHistory history,
            RouteListener listener,
            Sessions sessions,
            Steering steering,
            NodeLoads loads,
            Observed observed) {}

    /**
     * What takes what became of each statement.
     *
     * @param outcomes by node
     * @param costs by text, or {@code null} if nobody wants that
     */
    public record Observed(Outcomes outcomes, @Nullable QueryCosts costs) {}

    /**
     * What is sent again, and how much of it.
     *
     * @param policy how often and when
     * @param fallbacks what reads pass that go to the primary because no replica can serve them
     */
    public record Retrying(RetryPolicy policy, FallbackGate fallbacks) {}

    /**
     * How statements wait for a primary while there is none.
     *
     * @param limit how long
     * @param timers times it, and calls back those who waited
     */
    public record Waiting(Duration limit, Scheduler timers) {

        /** Returns the present time in nanoseconds of the factory's monotonic clock. */
        public long now() {
            return timers.now(TimeUnit.NANOSECONDS);
        }
    }

    /**
     * What watches over abandoned exchanges.
     *
     * @param drains over those that should come to their end by themselves
     * @param cancels over those that were cancelled at the server, and then end unless the node or the network is broken
     * @param tally counts how they ended
     */
    public record Watches(DeadlineWatch drains, DeadlineWatch cancels, AbandonmentTally tally) {

        /**
         * Watches something that runs on a connection, unless it is over when its event loop has done what it is doing: the end
         * of most results comes with their first row.
         */
        public void watchUnlessSoonOver(DeadlineWatch.Watched running, DriverConnection connection) {
            boolean soon = connection.runOnEventLoop(() -> {
                if (!running.hasEnded()) {
                    drains.watch(running);
                }
            });
            if (!soon) {
                drains.watch(running);
            }
        }
    }

    /**
     * The driver.
     *
     * @param dialect the kind of database
     * @param template the driver's checks without a round trip
     */
    public record Driver(DatabaseDialect dialect, DriverTemplate template) {}
}
