package io.github.r2dbcrouting.acquiring;

import io.github.r2dbcrouting.acquiring.Acquiring.Confirmed;
import io.github.r2dbcrouting.consistency.ConsistencySession;
import io.github.r2dbcrouting.error.FallbackRefusedException;
import io.github.r2dbcrouting.error.Refusals;
import io.github.r2dbcrouting.selection.Overrides;
import io.github.r2dbcrouting.selection.RouteDecision;
import io.github.r2dbcrouting.selection.RouteDecision.Refusal;
import io.github.r2dbcrouting.selection.RouteRequest;
import io.github.r2dbcrouting.selection.RoutingHints;
import io.github.r2dbcrouting.services.ConnectionServices;
import io.github.r2dbcrouting.session.CatchUp;
import io.github.r2dbcrouting.session.Sessions;
import io.github.r2dbcrouting.sql.StatementProfile.Access;
import io.github.r2dbcrouting.switches.Lots;
import io.github.r2dbcrouting.switches.Steering;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.util.context.ContextView;

/** Decides where one virtual connection goes, so that reads see what their sessions have seen. */
public final class Deciding {

    private static final AtomicIntegerFieldUpdater<Deciding> LOT =
            AtomicIntegerFieldUpdater.newUpdater(Deciding.class, "lot");

    private static final int NOT_DRAWN = -1;

    private final ConnectionServices services;
    private final Acquiring acquiring;
    private volatile @Nullable ConsistencySession consistency;

    @SuppressWarnings("UnusedVariable") // Mostly its updater uses it.
    private volatile int lot = NOT_DRAWN;

    public Deciding(ConnectionServices services) {
        this.services = services;
        this.acquiring = new Acquiring(services);
        this.consistency = sessions().ofConnection();
    }

    public Acquiring acquiring() {
        return acquiring;
    }

    /** What was seen so far is of another user of the connection. */
    public void startAnew() {
        consistency = sessions().ofConnection();
        lot = NOT_DRAWN;
    }

    /** Returns what a statement of this connection is to see of a session, or {@code null} for nothing. */
    public @Nullable SessionView view(ContextView context, RoutingHints hints) {
        return SessionView.of(sessions(), context, hints, consistency);
    }

    /**
     * Returns why a statement with a wish for places must not be sent, whatever connection there is: it names what does not exist, or is
     * a write that its hints send to a replica.
     *
     * @param judgedByServer whether the server judges that, as it does in a transaction that has begun
     */
    public @Nullable Throwable objection(Want want, boolean judgedByServer) {
        RouteDecision test = acquiring.decide(want.test());
        boolean misplaced =
                test.refusal() == Refusal.WRITE_ON_REPLICA && want.access() == Access.WRITE && !judgedByServer;
        return misplaced || test.refusal() == Refusal.UNKNOWN_NAME ? Refusals.of(test, null) : null;
    }

    /** Returns whether hints ask for a replica, as far as is known of the node that they may name. */
    public boolean isReplica(RoutingHints hints) {
        NodeId name = hints.node();
        NodeState node =
                name == null ? null : services.routing().topology().current().node(name);
        return hints.role() == NodeRole.REPLICA || node != null && node.role() == NodeRole.REPLICA;
    }

    /** Decides now, or returns {@code null} if no node is known to show what the session of a read has seen. */
    public @Nullable RouteDecision decide(Want want, @Nullable NodeId preferred) {
        SessionView view = want.view();
        return view == null || !view.byPosition() || !want.isRead()
                ? acquiring.decide(request(want, preferred))
                : catchUp().decide(view.session(), view.level(), request(want, preferred));
    }

    /** Returns a cold {@link Mono} of the decision once a node shows it, or the wait for that is over. */
    public Mono<RouteDecision> await(Want want, @Nullable NodeId preferred) {
        SessionView view = want.view();
        return view == null
                ? Mono.fromSupplier(() -> acquiring.decide(request(want, preferred)))
                : catchUp().await(view.session(), view.level(), request(want, preferred));
    }

    /** Returns the request of what is wanted; a read is told by its lot while operators send only a share of them to replicas. */
    private RouteRequest request(Want want, @Nullable NodeId preferred) {
        RouteRequest request = want.request(preferred);
        Steering steering = services.routing().steering();
        return steering.switches().overrides().replicaShare() == Overrides.LOTS || !want.isRead()
                ? request
                : request.ofLot(lot(want.view(), steering.lots()));
    }

    /** Those who share a session do not know of each other: they go by their connections. */
    private int lot(@Nullable SessionView view, Lots lots) {
        ConsistencySession session = view == null ? null : view.session();
        if (session != null && !session.isShared()) {
            return session.lot(lots::next);
        }
        int drawn = lot;
        if (drawn == NOT_DRAWN) {
            LOT.compareAndSet(this, NOT_DRAWN, lots.next());
            drawn = lot;
        }
        return drawn;
    }

    /** Returns a cold {@link Mono} of a lease on any node that will do. */
    public Mono<Confirmed> acquire(Want want) {
        return Mono.defer(() -> {
                    RouteDecision decision = decide(want, null);
                    return decision == null ? await(want, null) : Mono.just(decision);
                })
                .flatMap(decision -> acquire(want, decision));
    }

    /**
     * Returns a cold {@link Mono} of a lease where a decision says. Where only the primary shows what the session of the factory has seen and
     * has no room for more such reads, a replica serves that may show less, since strangers must not fail for each other.
     */
    public Mono<Confirmed> acquire(Want want, RouteDecision decision) {
        SessionView view = want.view();
        if (view == null || !want.isRead()) {
            return acquiring.acquire(decision);
        }
        Mono<Confirmed> confirmed = acquiring.acquire(decision).doOnNext(taken -> acquired(want, decision, taken));
        ConsistencySession session = view.session();
        boolean isSpared =
                session != null && session.isShared() && decision.request().requiredPosition() != null;
        return isSpared
                ? confirmed.onErrorResume(FallbackRefusedException.class, refusal -> stale(want, refusal))
                : confirmed;
    }

    private Mono<Confirmed> stale(Want want, FallbackRefusedException refusal) {
        RouteDecision stale = catchUp().decideStale(request(want, null));
        return stale == null ? Mono.error(refusal) : acquiring.acquire(stale);
    }

    /** Notes where a read came to, if that is not where it was to go. */
    private void acquired(Want want, RouteDecision decision, Confirmed confirmed) {
        SessionView view = want.view();
        ConsistencySession session = view == null ? null : view.session();
        NodeState node = decision.node();
        boolean forReplica = node != null && !node.equals(decision.topology().primary());
        if (forReplica && confirmed.decision() != decision && view != null && session != null) {
            catchUp().taken(session, view.level(), confirmed.decision());
        }
    }

    private CatchUp catchUp() {
        return sessions().catchUp();
    }

    private Sessions sessions() {
        return services.routing().sessions();
    }
}
