package io.github.r2dbcrouting.virtual;

import io.github.r2dbcrouting.acquiring.Want;
import io.github.r2dbcrouting.dialect.DriverConnection;
import io.github.r2dbcrouting.dialect.ErrorKind;
import io.github.r2dbcrouting.hold.Hold;
import io.github.r2dbcrouting.retry.Retries;
import io.github.r2dbcrouting.selection.HintPrecedence;
import io.github.r2dbcrouting.selection.RoutingHints;
import io.github.r2dbcrouting.sql.StatementProfile.Access;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.transaction.TransactionHints;
import io.r2dbc.spi.IsolationLevel;
import io.r2dbc.spi.TransactionDefinition;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.util.context.ContextView;

/** Begins transactions: where they belong, and on another node or connection as long as nothing but a {@code BEGIN} was sent. */
final class Beginning {

    private final VirtualSession session;
    private final TransactionControl control;

    Beginning(VirtualSession session, TransactionControl control) {
        this.session = session;
        this.control = control;
    }

    /** Begins on a replica if hints or the definition say so, else on the primary. */
    Mono<Void> begin(@Nullable TransactionDefinition asked, ContextView context) {
        RoutingHints hints = HintPrecedence.ofTransaction(
                RoutingHints.from(context), TransactionHints.of(asked), session.factoryHints());
        TransactionDefinition definition =
                session.deciding().isReplica(hints) ? TransactionHints.readOnly(asked) : asked;
        boolean declared = TransactionHints.isReadOnly(definition);
        boolean readOnly = declared
                && settingsOf(definition)
                        .areForReplicas(session.services().driver().dialect());
        Want writing = Want.of("BEGIN", Access.WRITE, hints);
        Want reading = Want.toReadOnly("BEGIN READ ONLY", hints)
                .seeing(session.deciding().view(context, hints));
        Want want = readOnly ? reading : declared ? writing.asWrite() : writing;
        Function<DriverConnection, Mono<Void>> begin = connection -> begin(connection, definition);
        OptimisticTransaction open = session.optimistic();
        if (open != null) {
            // As in drivers, where there is a transaction nothing begins.
            return open.isMoving() ? open.move() : Mono.empty();
        }
        Retries retries = session.services().retrying().policy().begin();
        if (!declared && isOptimistic(asked, hints, context)) {
            Want unsure = Want.toReadOnly("BEGIN", hints).seeing(reading.view());
            return beginOptimistic(definition, unsure, retries);
        }
        return readOnly ? beginReading(want, begin, retries) : beginWriting(want, begin, retries);
    }

    private boolean isOptimistic(@Nullable TransactionDefinition asked, RoutingHints hints, ContextView context) {
        return session.services().optimism().isFor(asked, context)
                && session.mayBeOptimistic(hints)
                && (asked == null ? session.settings() : settingsOf(asked))
                        .areForReplicas(session.services().driver().dialect());
    }

    /** Begins on a replica, or on the primary if there is no replica for it. */
    private Mono<Void> beginOptimistic(@Nullable TransactionDefinition definition, Want want, Retries retries) {
        OptimisticTransaction optimistic =
                new OptimisticTransaction(session, control, () -> beginOnPrimary(definition, want.hints()));
        TransactionDefinition readOnly = TransactionHints.readOnly(definition);
        // Before anything is sent: it is the transaction's whatever happens to its begin.
        session.beginOptimism(optimistic);
        return beginReading(want, connection -> connection.beginTransaction(readOnly), retries)
                .doOnError(error -> session.endOptimism(optimistic))
                .then(Mono.defer(() -> {
                    Hold hold = session.pinned();
                    return hold != null && hold.lease().role() == NodeRole.PRIMARY ? optimistic.move() : Mono.empty();
                }));
    }

    /** Begins the transaction of an optimistic one anew. */
    private Mono<Void> beginOnPrimary(@Nullable TransactionDefinition definition, RoutingHints hints) {
        return beginWriting(
                Want.of("BEGIN", Access.WRITE, hints.withoutRole()),
                connection -> begin(connection, definition),
                session.services().retrying().policy().begin());
    }

    private static Mono<Void> begin(DriverConnection connection, @Nullable TransactionDefinition definition) {
        return definition == null ? connection.beginTransaction() : connection.beginTransaction(definition);
    }

    /** As long as nothing but a {@code BEGIN} was sent, the transaction may begin again on another connection. */
    private Mono<Void> beginWriting(Want want, Function<DriverConnection, Mono<Void>> begin, Retries retries) {
        return control.primaryHold(want).flatMap(hold -> {
            boolean fresh = !hold.isAltered() && !hold.isInTransaction() && !hold.isPinnedForReading();
            return TransactionControl.toItsEnd(hold, begin).onErrorResume(error -> {
                ErrorKind kind = hold.kindOf(error);
                boolean again = fresh
                        && want.hints().node() == null
                        && kind.isLostConnection()
                        && retries.tryNext(kind == ErrorKind.UNSENT);
                if (again) {
                    session.unpin(hold);
                }
                return again
                        ? again(retries, () -> beginWriting(want, begin, retries))
                        : Mono.error(retries.explain(error));
            });
        });
    }

    private SessionSettings settingsOf(@Nullable TransactionDefinition definition) {
        IsolationLevel level =
                definition == null ? null : definition.getAttribute(TransactionDefinition.ISOLATION_LEVEL);
        return level == null ? session.settings() : session.settings().withIsolationLevel(level);
    }

    /** Nothing but a {@code BEGIN} was sent when it fails, so another node may take the transaction. */
    private Mono<Void> beginReading(Want want, Function<DriverConnection, Mono<Void>> begin, Retries retries) {
        return session.pin(want).flatMap(hold -> {
            NodeId node = hold.lease().node();
            return TransactionControl.toItsEnd(hold, begin).onErrorResume(error -> {
                ErrorKind kind = hold.kindOf(error);
                boolean again = want.hints().node() == null
                        && hold.isPinnedForReading()
                        && kind.isRetryableElsewhere()
                        && retries.tryNext(kind == ErrorKind.UNSENT);
                if (hold.isPinnedForReading()) {
                    session.unpin(hold);
                }
                return again
                        ? again(retries, () -> beginReading(want.after(node), begin, retries))
                        : Mono.error(retries.explain(error));
            });
        });
    }

    private Mono<Void> again(Retries retries, Supplier<Mono<Void>> begin) {
        return retries.pause().isZero()
                ? begin.get()
                : session.services().retrying().policy().after(retries.pause()).flatMap(passed -> begin.get());
    }
}
