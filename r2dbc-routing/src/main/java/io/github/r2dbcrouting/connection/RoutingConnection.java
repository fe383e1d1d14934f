package io.github.r2dbcrouting.connection;

import io.github.r2dbcrouting.acquiring.Want;
import io.github.r2dbcrouting.dialect.DriverConnection;
import io.github.r2dbcrouting.hold.Hold;
import io.github.r2dbcrouting.selection.RoutingHints;
import io.github.r2dbcrouting.services.ConnectionServices;
import io.github.r2dbcrouting.sql.StatementProfile.Access;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.virtual.SessionSettings;
import io.github.r2dbcrouting.virtual.TransactionControl;
import io.github.r2dbcrouting.virtual.VirtualSession;
import io.r2dbc.spi.Batch;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionMetadata;
import io.r2dbc.spi.IsolationLevel;
import io.r2dbc.spi.Lifecycle;
import io.r2dbc.spi.Statement;
import io.r2dbc.spi.TransactionDefinition;
import io.r2dbc.spi.ValidationDepth;
import io.r2dbc.spi.Wrapped;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.util.context.ContextView;

/**
 * A virtual connection: it stands for a session with the cluster and takes physical connections as its statements and
 * transactions show where they must go. Making one costs nothing and touches no node.
 *
 * <ul>
 *   <li>A statement that surely only reads takes a connection of a replica, for as long as its results are consumed.
 *   <li>The first statement that may write pins a connection of the primary: from then on everything of this virtual
 *       connection runs there, reads included, until it is closed or an outer pool takes it back.
 *   <li>A transaction pins one from its begin: of a replica if its definition is read-only, which is let go at its end;
 *       else of the primary.
 * </ul>
 *
 * <p>Every publisher it returns is cold. Cancelling one leaves the virtual connection usable and never leaks a physical
 * connection. Like every R2DBC connection it is meant for one user at a time.
 */
public final class RoutingConnection implements Connection, Lifecycle, Wrapped<Connection> {

    private final VirtualSession session;
    private final Runnable closed;
    private final AtomicBoolean closedOnce = new AtomicBoolean();

    /**
     * Creates a virtual connection.
     *
     * @param factoryHints what the factory wishes for all statements
     * @param closed is run once, when it is closed for the first time
     */
    public RoutingConnection(ConnectionServices services, RoutingHints factoryHints, Runnable closed) {
        this.session = new VirtualSession(services, factoryHints);
        this.closed = closed;
    }

    @Override
    public Statement createStatement(String sql) {
        requireArgument(sql, "sql");
        return new RoutingStatement(session, sql);
    }

    @Override
    public Batch createBatch() {
        return new RoutingBatch(session);
    }

    @Override
    public Mono<Void> beginTransaction() {
        return Mono.deferContextual(context -> transactions().begin(null, context));
    }

    /** Begins a transaction; one whose definition is read-only runs on a replica if one is eligible. */
    @Override
    public Mono<Void> beginTransaction(TransactionDefinition definition) {
        requireArgument(definition, "definition");
        return Mono.deferContextual(context -> transactions().begin(definition, context));
    }

    @Override
    public Mono<Void> commitTransaction() {
        return transactions().commit();
    }

    @Override
    public Mono<Void> rollbackTransaction() {
        return transactions().rollback();
    }

    @Override
    public Mono<Void> createSavepoint(String name) {
        requireArgument(name, "name");
        return onPrimary("SAVEPOINT", connection -> connection.createSavepoint(name));
    }

    @Override
    public Mono<Void> releaseSavepoint(String name) {
        requireArgument(name, "name");
        return onPrimary("RELEASE SAVEPOINT", connection -> connection.releaseSavepoint(name));
    }

    @Override
    public Mono<Void> rollbackTransactionToSavepoint(String name) {
        requireArgument(name, "name");
        return onPrimary("ROLLBACK TO SAVEPOINT", connection -> connection.rollbackTransactionToSavepoint(name));
    }

    @Override
    public boolean isAutoCommit() {
        Hold pinned = session.pinned();
        return session.optimistic() == null
                && (pinned == null || pinned.connection().isAutoCommit());
    }

    /** Switching it off pins a connection of the primary, since a transaction may begin with the next statement. */
    @Override
    public Mono<Void> setAutoCommit(boolean autoCommit) {
        return Mono.deferContextual(context -> transactions().setAutoCommit(autoCommit, context));
    }

    @Override
    public IsolationLevel getTransactionIsolationLevel() {
        Hold pinned = session.pinned();
        IsolationLevel asked = session.settings().isolationLevel();
        if (pinned != null) {
            return pinned.connection().getTransactionIsolationLevel();
        }
        return asked == null ? session.services().driver().dialect().defaultIsolationLevel() : asked;
    }

    /** Sets the level for the physical connections that this one has or will take; they are restored when it ends. */
    @Override
    public Mono<Void> setTransactionIsolationLevel(IsolationLevel isolationLevel) {
        requireArgument(isolationLevel, "isolationLevel");
        return set(settings -> settings.withIsolationLevel(isolationLevel));
    }

    /** Sets the timeout for the physical connections that this one has or will take; they are restored when it ends. */
    @Override
    public Mono<Void> setLockWaitTimeout(Duration timeout) {
        requireArgument(timeout, "timeout");
        return set(settings -> settings.withLockWaitTimeout(timeout));
    }

    /** Sets the timeout for the physical connections that this one has or will take; they are restored when it ends. */
    @Override
    public Mono<Void> setStatementTimeout(Duration timeout) {
        requireArgument(timeout, "timeout");
        return set(settings -> settings.withStatementTimeout(timeout));
    }

    /**
     * Locally, tells whether this connection is open and a node is usable; remotely, asks the pinned connection or the
     * node that would serve the next read.
     */
    @Override
    public Mono<Boolean> validate(ValidationDepth depth) {
        requireArgument(depth, "depth");
        return Mono.deferContextual(context -> {
            if (session.isClosed()) {
                return Mono.just(false);
            }
            Hold pinned = session.pinned();
            if (pinned != null) {
                return Mono.from(pinned.connection().validate(depth)).onErrorReturn(false);
            }
            if (depth == ValidationDepth.LOCAL) {
                return Mono.just(
                        session.services().routing().topology().current().isUsable());
            }
            return session.hold(Want.of("VALIDATE", Access.READ, hints(context)))
                    .flatMap(hold ->
                            TransactionControl.toItsEnd(hold, connection -> Mono.from(connection.validate(depth))))
                    .onErrorReturn(false);
        });
    }

    /** Returns the product as the driver names it, and the version of a node that was reached. */
    @Override
    public ConnectionMetadata getMetadata() {
        return session.services().driver().template().metadata();
    }

    /**
     * Ends it: an open transaction is rolled back, and what was left in a session is undone.
     *
     * @return a cold {@link Mono} that completes when the pinned connection, if there was one, is back in its pool or
     *     was dropped
     */
    @Override
    public Mono<Void> close() {
        return Mono.defer(() -> {
            if (closedOnce.compareAndSet(false, true)) {
                closed.run();
            }
            return session.end(true);
        });
    }

    /** An outer pool lends it: nothing needs to be done, as {@link #preRelease()} has left it as new. */
    @Override
    public Mono<Void> postAllocate() {
        return Mono.empty();
    }

    /** An outer pool takes it back: pins and settings end, and no node stays held. */
    @Override
    public Mono<Void> preRelease() {
        return Mono.defer(() -> session.end(false));
    }

    /**
     * Pins a connection to a node of the given role and returns the driver's own, for what the SPI does not have, such
     * as LISTEN and COPY. It is valid until this connection is closed, and is then closed too, as nobody can know what was
     * done with it. For the same reason no session is told of what is written there.
     *
     * @param role {@code PRIMARY}, or {@code REPLICA} for an eligible replica
     * @param type the driver's type, such as {@code PostgresqlConnection}
     * @return a cold {@link Mono}; it fails with an {@link IllegalStateException} if a connection to a node of the other
     *     role is pinned already, and with an {@link IllegalArgumentException} if the driver's connection is not of this
     *     type
     */
    public <T> Mono<T> pinned(NodeRole role, Class<T> type) {
        return driverAccess().pinned(role, type);
    }

    /**
     * Returns the driver's connection while one is pinned; it is then not lent to anybody else afterwards.
     *
     * @throws IllegalStateException if none is pinned, since there may be no physical connection at all
     */
    @Override
    public Connection unwrap() {
        return driverAccess().connection();
    }

    /** Returns the driver's connection while one of this type is pinned, else {@code null}. */
    @Override
    public <E> @Nullable E unwrap(Class<E> targetClass) {
        return targetClass.isInstance(this)
                ? targetClass.cast(this)
                : driverAccess().connection(targetClass);
    }

    private Mono<Void> onPrimary(String what, Function<DriverConnection, Mono<Void>> exchange) {
        return Mono.deferContextual(
                context -> transactions().onPrimary(Want.of(what, Access.WRITE, hints(context)), exchange));
    }

    private RoutingHints hints(ContextView context) {
        return RoutingHints.from(context).or(session.factoryHints());
    }

    private DriverAccess driverAccess() {
        return new DriverAccess(session);
    }

    private TransactionControl transactions() {
        return new TransactionControl(session);
    }

    private Mono<Void> set(UnaryOperator<SessionSettings> change) {
        return Mono.defer(() -> session.set(change.apply(session.settings())));
    }

    private static void requireArgument(@Nullable Object value, String name) {
        if (value == null) {
            throw new IllegalArgumentException(name + " must not be null");
        }
    }

    @Override
    public String toString() {
        Hold pinned = session.pinned();
        return "RoutingConnection[" + (pinned == null ? "nothing pinned" : "pinned to " + pinned.lease()) + "]";
    }
}
