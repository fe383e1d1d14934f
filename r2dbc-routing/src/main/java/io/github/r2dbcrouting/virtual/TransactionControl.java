package io.github.r2dbcrouting.virtual;

import io.github.r2dbcrouting.acquiring.Want;
import io.github.r2dbcrouting.dialect.DriverConnection;
import io.github.r2dbcrouting.dialect.ErrorKind;
import io.github.r2dbcrouting.error.OutcomeUnknownException;
import io.github.r2dbcrouting.hold.Hold;
import io.github.r2dbcrouting.hold.SessionNote;
import io.github.r2dbcrouting.selection.RoutingHints;
import io.github.r2dbcrouting.services.ConnectionServices;
import io.github.r2dbcrouting.sql.SqlDialect;
import io.github.r2dbcrouting.sql.StatementProfile.Access;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.transaction.LostTransaction;
import io.github.r2dbcrouting.transaction.TransactionChange;
import io.r2dbc.spi.TransactionDefinition;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.util.context.ContextView;

/**
 * Begins and ends transactions, and makes the other exchanges that belong to one connection. Once sent, each runs to its end even
 * if its subscriber cancels, since a connection whose {@code BEGIN} may still be under way must not go back to its pool.
 */
public final class TransactionControl {

    private final VirtualSession session;

    /** Creates the control of one session, which keeps nothing of its own. */
    public TransactionControl(VirtualSession session) {
        this.session = session;
    }

    /** Begins on a replica if hints or the definition say so, else on the primary. */
    public Mono<Void> begin(@Nullable TransactionDefinition definition, ContextView context) {
        return new Beginning(session, this).begin(definition, context);
    }

    /** Rolls back what is pinned, whatever comes of it: an optimistic transaction goes on elsewhere, or not at all. */
    Mono<Void> leave() {
        Hold hold = session.pinned();
        if (hold == null) {
            return Mono.empty();
        }
        Mono<Void> rollback = hold.transaction().lost() != null
                ? Mono.empty()
                : hold.drains().count() > 0
                        ? afterAbandoned(hold)
                                .then(Mono.defer(() -> retained(hold, DriverConnection::rollbackTransaction)))
                        : retained(hold, DriverConnection::rollbackTransaction);
        return rollback.onErrorComplete().doOnTerminate(() -> unpinned(hold));
    }

    private void unpinned(Hold hold) {
        if (hold.transaction().lost() != null) {
            session.endTransaction(hold);
        } else if (hold.isPinnedForReading()) {
            session.unpin(hold);
        }
    }

    /** Makes an exchange on what is pinned. */
    Mono<Void> onPin(Function<DriverConnection, Mono<Void>> exchange) {
        Hold hold = session.pinned();
        return hold == null
                ? Mono.error(VirtualSession.closedError())
                : retained(hold, exchange).onErrorMap(hold.transaction()::translate);
    }

    /** Moves an optimistic transaction to the primary, if there is one. */
    private Mono<Void> moved() {
        OptimisticTransaction optimistic = session.optimistic();
        return optimistic == null ? Mono.empty() : optimistic.move();
    }

    /** Commits what is open, wherever it is. */
    public Mono<Void> commit() {
        return end(DriverConnection::commitTransaction, true);
    }

    /** Rolls back what is open, wherever it is. */
    public Mono<Void> rollback() {
        return end(DriverConnection::rollbackTransaction, false);
    }

    /** Switching it on commits what is open. */
    public Mono<Void> setAutoCommit(boolean autoCommit, ContextView context) {
        return moved().then(Mono.defer(() -> switchAutoCommit(autoCommit, context)));
    }

    private Mono<Void> switchAutoCommit(boolean autoCommit, ContextView context) {
        Hold pinned = session.pinned();
        if (autoCommit && pinned == null) {
            return Mono.empty();
        }
        Function<DriverConnection, Mono<Void>> exchange = connection -> connection.setAutoCommit(autoCommit);
        return autoCommit && pinned != null && !pinned.isPinnedForReading() && pinned.isInTransaction()
                ? committed(pinned, exchange).doOnSuccess(done -> pinned.autoCommitOff(false))
                : primaryHold(Want.of(
                                "SET AUTOCOMMIT",
                                Access.WRITE,
                                RoutingHints.from(context).or(session.factoryHints())))
                        .flatMap(hold -> toItsEnd(hold, exchange)
                                .onErrorMap(hold.transaction()::translate)
                                .doOnSuccess(done -> hold.autoCommitOff(!autoCommit && staysOff())));
    }

    /** In PostgreSQL, where there is no such mode, the driver begins one transaction. */
    private boolean staysOff() {
        return session.services().driver().dialect().sqlDialect() != SqlDialect.POSTGRESQL;
    }

    /** Without a pin there is no transaction, and as in every driver nothing to end. */
    private Mono<Void> end(Function<DriverConnection, Mono<Void>> exchange, boolean committing) {
        return Mono.defer(() -> {
            OptimisticTransaction optimistic = session.optimistic();
            return optimistic == null
                    ? endNow(exchange, committing)
                    : optimistic.ended(committing).flatMap(go -> endNow(exchange, committing));
        });
    }

    private Mono<Void> endNow(Function<DriverConnection, Mono<Void>> exchange, boolean committing) {
        return Mono.defer(() -> {
            Hold hold = session.pinned();
            if (hold == null) {
                return session.isClosed() ? Mono.error(VirtualSession.closedError()) : Mono.empty();
            }
            TransactionChange change = hold.transaction().change();
            if (change != null) {
                // Until then the driver may see no transaction, and do nothing.
                return change.whenOver().then(end(exchange, committing));
            }
            if (hold.transaction().lost() != null) {
                return endedLost(hold, committing);
            }
            Mono<Void> ending;
            if (committing) {
                ending = hold.isInTransaction() && !hold.isPinnedForReading()
                        ? committed(hold, exchange)
                        : retained(hold, exchange).onErrorMap(hold.transaction()::translate);
            } else {
                ending = hold.drains().count() > 0
                        ? afterAbandoned(hold).then(Mono.defer(() -> retained(hold, exchange)))
                        : retained(hold, exchange);
            }
            return ending.onErrorResume(
                            error -> hold.transaction().lost() != null && !committing, error -> endedLost(hold, false))
                    // Before its owner is told, who may begin the next one at once.
                    .doOnTerminate(() -> ended(hold))
                    .doOnCancel(() -> ended(hold));
        });
    }

    /** With its connection the transaction is gone: there is nothing to roll back, and nothing that could be committed. */
    private Mono<Void> endedLost(Hold hold, boolean committing) {
        LostTransaction lost = hold.transaction().lost();
        ended(hold);
        return committing && lost != null ? Mono.error(lost.error()) : Mono.empty();
    }

    private void ended(Hold hold) {
        OptimisticTransaction optimistic = session.optimistic();
        if (optimistic != null) {
            session.endOptimism(optimistic);
        }
        unpinned(hold);
    }

    /**
     * A rollback does not wait for a read that nobody wants any more: that is cancelled first. A commit does, since PostgreSQL
     * fails the transaction of a cancelled statement. So does anything behind a write.
     */
    private Mono<Void> afterAbandoned(Hold hold) {
        ConnectionServices services = session.services();
        return hold.drains()
                .whenOver()
                .timeout(
                        services.exchanges().exchangeTimeout(),
                        Mono.empty(),
                        services.waiting().timers());
    }

    /**
     * Makes an exchange that commits: the gate is asked before it and again when it was acknowledged, and if its answer is
     * lost the outcome is unknown.
     */
    Mono<Void> committed(Hold hold, Function<DriverConnection, Mono<Void>> exchange) {
        LostTransaction lost = hold.transaction().lost();
        if (lost != null) {
            return Mono.error(lost.error());
        }
        ConnectionServices services = session.services();
        return services.admission()
                .admit(services.routing().topology().current())
                .flatMap(ticket -> committing(hold, exchange)
                        .onErrorMap(error -> hold.kindOf(error) == ErrorKind.NODE_FAULT
                                ? unknown(hold, error)
                                : hold.transaction().translate(error))
                        .then(Mono.defer(() -> {
                            Throwable invalid = ticket.acknowledge();
                            return invalid == null ? Mono.<Void>empty() : Mono.<Void>error(invalid);
                        })));
    }

    /** Sessions know of it before whoever waits for it does. */
    private static Mono<Void> committing(Hold hold, Function<DriverConnection, Mono<Void>> exchange) {
        if (!hold.tryRetain()) {
            return Mono.error(VirtualSession.closedError());
        }
        SessionNote note = SessionNote.ofCommit(hold);
        return toItsEnd(hold, exchange, () -> note.ended(hold)).doOnCancel(note::abandoned);
    }

    private static Mono<Void> retained(Hold hold, Function<DriverConnection, Mono<Void>> exchange) {
        return hold.tryRetain() ? toItsEnd(hold, exchange) : Mono.error(VirtualSession.closedError());
    }

    private static OutcomeUnknownException unknown(Hold hold, Throwable error) {
        return new OutcomeUnknownException(
                "node " + hold.lease().node() + ": the connection broke while a commit was in flight: "
                        + error.getMessage() + "; whether it took effect is not known",
                error);
    }

    /** Makes an exchange on the pin, which is taken from the primary if there is none yet. */
    public Mono<Void> onPrimary(Want want, Function<DriverConnection, Mono<Void>> exchange) {
        return moved().then(Mono.defer(() -> primaryHold(want)))
                .flatMap(taken -> toItsEnd(taken, exchange).onErrorMap(taken.transaction()::translate));
    }

    /** Returns a cold {@link Mono} of the pin, which is taken from the primary, once that is admitted, if there is none yet. */
    Mono<Hold> primaryHold(Want want) {
        ConnectionServices services = session.services();
        Hold pinned = session.pinned();
        return pinned != null
                        && (pinned.lease().role() != NodeRole.PRIMARY
                                || pinned.transaction().lost() != null)
                ? session.pin(want)
                : services.admission()
                        .admit(services.routing().topology().current())
                        .flatMap(ticket -> session.pin(want));
    }

    /** Makes an exchange on a hold, and lets go of it when the exchange has ended, even if its subscriber has gone. */
    public static <T> Mono<T> toItsEnd(Hold hold, Function<DriverConnection, Mono<T>> exchange) {
        return toItsEnd(hold, exchange, () -> {});
    }

    private static <T> Mono<T> toItsEnd(Hold hold, Function<DriverConnection, Mono<T>> exchange, Runnable over) {
        return exchange.apply(hold.connection())
                .doOnError(error -> hold.failed(error, hold.kindOf(error)))
                .doOnTerminate(over)
                .doFinally(signal -> hold.release())
                .cache();
    }
}
