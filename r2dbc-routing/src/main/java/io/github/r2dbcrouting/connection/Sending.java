package io.github.r2dbcrouting.connection;

import io.github.r2dbcrouting.connection.PrimaryAdmission.Ticket;
import io.github.r2dbcrouting.dialect.ErrorKind;
import io.github.r2dbcrouting.selection.RoutingHints;
import io.github.r2dbcrouting.sql.StatementProfile;
import io.github.r2dbcrouting.sql.StatementProfile.Access;
import io.github.r2dbcrouting.topology.NodeRole;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/**
 * Sends one statement, once or, for a read whose node failed before it had delivered anything, again elsewhere: acquire,
 * confirm, send, acknowledge.
 */
final class Sending {

    private static final Ticket NO_TICKET = () -> null;

    private final VirtualSession session;
    private final Recipe recipe;
    private final StatementProfile profile;
    private volatile Want want;
    private final AtomicInteger triesLeft;
    private volatile @Nullable HoldSubscriber acquisition;

    /**
     * Prepares to send.
     *
     * @param context the subscriber's, from which the hints are read
     */
    Sending(VirtualSession session, Recipe recipe, StatementProfile profile, Context context) {
        this.session = session;
        this.recipe = recipe;
        this.profile = profile;
        this.want = Want.of(recipe.sql(), profile.access(), RoutingHints.from(context));
        this.triesLeft = new AtomicInteger(session.services().exchanges().readRetries());
    }

    Recipe.Shape shape() {
        return recipe.shape();
    }

    ConnectionServices services() {
        return session.services();
    }

    /** Takes a connection and sends; the owner gets the results, or the reason why nothing was sent. */
    void send(ExchangeOwner owner) {
        HoldSubscriber waiting = new HoldSubscriber(this, owner);
        acquisition = waiting;
        if (isForPrimary()) {
            services()
                    .admission()
                    .admit(services().routing().topology().current())
                    .flatMap(ticket -> hold().doOnNext(hold -> waiting.admitted(ticket)))
                    .subscribe(waiting);
        } else {
            hold().subscribe(waiting);
        }
    }

    /** A load balancer of the user's may throw, which is an answer like any other. */
    private Mono<Hold> hold() {
        try {
            return session.hold(want);
        } catch (RuntimeException defect) {
            return Mono.error(defect);
        }
    }

    /** Gives up waiting for a connection, if that is what goes on. */
    void cancel() {
        HoldSubscriber waiting = acquisition;
        if (waiting != null) {
            waiting.cancel();
        }
    }

    /**
     * Returns whether the statement may run again after an error before its first row: a read elsewhere, and anything that was
     * never sent, unless it belongs to a session that is lost with its connection.
     */
    boolean mayRunAgain(Exchange exchange, Throwable error) {
        if (triesLeft.get() == 0
                || !recipe.shape().hasOneResult()
                || want.hints().node() != null) {
            return false;
        }
        ErrorKind kind = exchange.kindOf(error);
        Hold hold = exchange.hold();
        return hold.isPinned()
                ? kind == ErrorKind.UNSENT && !hold.isAltered() && !hold.isInTransaction()
                : want.isRead() && !exchange.isWriting() && kind.isRetryableElsewhere();
    }

    /** Sends again, on another node or another connection. */
    void again(Exchange failed, Throwable error, ExchangeOwner owner) {
        triesLeft.decrementAndGet();
        if (failed.kindOf(error) == ErrorKind.READ_ONLY_REFUSAL) {
            // The server knows better than the text: it writes, here and whenever it is seen again.
            services().profiles().learnWrite(recipe.sql());
            want = want.asWrite();
        } else if (failed.hold().lease().role() != NodeRole.PRIMARY) {
            want = want.after(failed.hold().lease().node());
        }
        send(owner);
    }

    /** Called with the connection on which to send. */
    void sendOn(Hold hold, @Nullable Ticket ticket, ExchangeOwner owner) {
        if (owner.isGone()) {
            hold.release();
            return;
        }
        if (profile.altersSession()) {
            hold.alter();
        }
        // A commit in text may end the transaction that it stands in.
        boolean writing = hold.lease().role() == NodeRole.PRIMARY
                && (profile.controlsTransaction() || want.access() != Access.READ && !hold.isInTransaction());
        Exchange exchange = new Exchange(hold, this, owner, ticket == null ? NO_TICKET : ticket, writing);
        owner.onExchange(exchange);
        exchange.send(recipe);
    }

    private boolean isForPrimary() {
        Hold pinned = session.pinned();
        return want.access() != Access.READ && (pinned == null || pinned.lease().role() == NodeRole.PRIMARY);
    }
}
