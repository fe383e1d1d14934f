package io.github.r2dbcrouting.dialect;

import io.github.r2dbcrouting.topology.NodeState;
import io.r2dbc.spi.Batch;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionMetadata;
import io.r2dbc.spi.IsolationLevel;
import io.r2dbc.spi.Statement;
import io.r2dbc.spi.TransactionDefinition;
import io.r2dbc.spi.ValidationDepth;
import io.r2dbc.spi.Wrapped;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * A physical connection as the pools hold it: the driver's, called through {@link DriverCalls}. What it returns is cold.
 *
 * <p>It is deliberately no {@code Wrapped}: only the virtual connection decides who may see the driver's connection.
 */
public final class DriverConnection implements Connection {

    private static final Mono<Boolean> VALID = Mono.just(true);

    private final Connection driver;
    private final DriverCalls calls;
    private final ConnectionSetUp setUp;
    private final long openedAt;
    private final long life;
    private final @Nullable Scheduler eventLoop;
    private final Consumer<DriverConnection> closing;
    private volatile @Nullable ConnectionHolder holder;
    private volatile boolean discarded;
    private @Nullable Silence silence;

    DriverConnection(
            Connection driver,
            DriverCalls calls,
            ConnectionSetUp setUp,
            long openedAt,
            long life,
            Consumer<DriverConnection> closing) {
        this.driver = driver;
        this.calls = calls;
        this.setUp = setUp;
        this.openedAt = openedAt;
        this.life = life;
        this.closing = closing;
        this.eventLoop = driver instanceof Wrapped<?> wrapped ? wrapped.unwrap(Scheduler.class) : null;
    }

    /**
     * Runs something on the driver's event loop for this connection, after what that is doing now. Statements are best made on
     * it: from anywhere else every signal to the driver costs a change of threads.
     *
     * @return whether it will be run: {@code false} if the driver does not tell its event loop, or that has ended
     */
    public boolean runOnEventLoop(Runnable task) {
        if (eventLoop == null) {
            return false;
        }
        try {
            eventLoop.schedule(task);
            return true;
        } catch (RejectedExecutionException ended) {
            return false;
        }
    }

    /** Notes who is to be told if the node is not heard of any more; {@code null} for nobody. */
    public void heldBy(@Nullable ConnectionHolder present) {
        holder = present;
    }

    void tellUnheard(NodeState node) {
        ConnectionHolder present = holder;
        if (present != null) {
            present.unheard(node);
        }
    }

    /**
     * Returns whether neither what is under way nor the node has given a sign of life for as long as this; {@code true} only
     * once for each thing that is under way. To be asked from time to time, by one thread at a time: the holders are looked
     * at and need not report anything.
     *
     * @param heardAt when the last probe was sent that the node answered
     */
    boolean isSilent(long now, long heardAt, long nanos) {
        Silence next = Silence.next(silence, holder, now);
        if (next == null || !next.isDue(now, heardAt, nanos)) {
            silence = next;
            return false;
        }
        silence = next.tell();
        return true;
    }

    /** Returns whether somebody has it. */
    boolean isHeld() {
        return holder != null;
    }

    /** Ends what is under way on it, as {@link ConnectionHolder#cutOff} says. */
    public void cutOff(String reason) {
        ConnectionHolder present = holder;
        if (present != null) {
            present.cutOff(reason);
        }
    }

    /** Returns the driver's own connection, for whoever pinned it. */
    public Connection driver() {
        return driver;
    }

    public DriverCalls calls() {
        return calls;
    }

    public ConnectionSetUp setUp() {
        return setUp;
    }

    /** Returns when the connection was known to be open, in nanoseconds of the factory's monotonic clock. */
    public long openedAt() {
        return openedAt;
    }

    /** Returns whether it has lived for as long as it was to. */
    public boolean isSpent(long now) {
        return now - openedAt >= life;
    }

    /** Makes the connection invalid, so that its pool closes it instead of lending it again. */
    public void discard() {
        discarded = true;
    }

    /**
     * Undoes what statements and setters left in the session; emits {@code false} where that cannot be done.
     *
     * @param isolationLevel the level the session had when it was lent
     */
    public Mono<Boolean> reset(IsolationLevel isolationLevel) {
        Mono<Void> isolation =
                Mono.defer(() -> driver.getTransactionIsolationLevel().equals(isolationLevel)
                        ? Mono.empty()
                        : setTransactionIsolationLevel(isolationLevel));
        return isolation.then(
                calls.bounded("a session reset", () -> calls.dialect().reset(driver)));
    }

    /** Asks whether another session of the same server is over, bounded by the exchange timeout. */
    public Mono<Boolean> isGone(long backendId) {
        return calls.bounded("a look for a session", () -> calls.dialect().isGone(driver, backendId));
    }

    /** Cancels the running statement at the server, bounded by the exchange timeout. */
    public Mono<Void> cancelAtServer(Mono<? extends Connection> monitor) {
        return calls.bounded("a cancel", () -> calls.dialect().cancel(driver, setUp.backendId(), monitor));
    }

    @Override
    public Mono<Void> beginTransaction() {
        return calls.bounded("begin", driver::beginTransaction);
    }

    @Override
    public Mono<Void> beginTransaction(TransactionDefinition definition) {
        return calls.bounded("begin", () -> driver.beginTransaction(definition));
    }

    @Override
    public Mono<Void> commitTransaction() {
        return calls.unbounded(driver::commitTransaction);
    }

    @Override
    public Mono<Void> rollbackTransaction() {
        return calls.bounded("rollback", driver::rollbackTransaction);
    }

    @Override
    public Mono<Void> createSavepoint(String name) {
        return calls.bounded("a savepoint", () -> driver.createSavepoint(name));
    }

    @Override
    public Mono<Void> releaseSavepoint(String name) {
        return calls.bounded("the release of a savepoint", () -> driver.releaseSavepoint(name));
    }

    @Override
    public Mono<Void> rollbackTransactionToSavepoint(String name) {
        return calls.bounded("a rollback to a savepoint", () -> driver.rollbackTransactionToSavepoint(name));
    }

    /** Switching it on commits an open transaction, so it has no deadline. */
    @Override
    public Mono<Void> setAutoCommit(boolean autoCommit) {
        return calls.unbounded(() -> driver.setAutoCommit(autoCommit));
    }

    @Override
    public Mono<Void> setLockWaitTimeout(Duration timeout) {
        return calls.bounded("setting the lock wait timeout", () -> driver.setLockWaitTimeout(timeout));
    }

    @Override
    public Mono<Void> setStatementTimeout(Duration timeout) {
        return calls.bounded("setting the statement timeout", () -> driver.setStatementTimeout(timeout));
    }

    @Override
    public Mono<Void> setTransactionIsolationLevel(IsolationLevel isolationLevel) {
        return calls.bounded("setting the isolation level", () -> driver.setTransactionIsolationLevel(isolationLevel));
    }

    @Override
    public Publisher<Boolean> validate(ValidationDepth depth) {
        return depth == ValidationDepth.LOCAL
                ? validateLocally()
                : calls.bounded("a validation", () -> driver.validate(depth));
    }

    /**
     * The pool asks this at every acquisition and release. An invalid connection answers with an error of its own, so
     * that whoever acquires can tell it from a node that refuses connections, and take the next one.
     */
    private Mono<Boolean> validateLocally() {
        if (discarded) {
            return Mono.error(StaleConnectionException::new);
        }
        Publisher<Boolean> validation = driver.validate(ValidationDepth.LOCAL);
        return isValidAtOnce(validation) ? VALID : checked(validation);
    }

    /** Drivers answer from memory; to ask without subscribing is worth it at every acquisition and release. */
    private static boolean isValidAtOnce(Publisher<Boolean> validation) {
        try {
            return validation instanceof Callable<?> memory && Boolean.TRUE.equals(memory.call());
        } catch (Exception refused) {
            return false;
        }
    }

    private static Mono<Boolean> checked(Publisher<Boolean> validation) {
        return Mono.from(validation).doOnNext(valid -> {
            if (!valid) {
                throw new StaleConnectionException();
            }
        });
    }

    @Override
    public Mono<Void> close() {
        return calls.bounded("close", () -> {
            closing.accept(this);
            return driver.close();
        });
    }

    @Override
    public Statement createStatement(String sql) {
        return driver.createStatement(sql);
    }

    @Override
    public Batch createBatch() {
        return driver.createBatch();
    }

    @Override
    public boolean isAutoCommit() {
        return driver.isAutoCommit();
    }

    @Override
    public IsolationLevel getTransactionIsolationLevel() {
        return driver.getTransactionIsolationLevel();
    }

    @Override
    public ConnectionMetadata getMetadata() {
        return driver.getMetadata();
    }

    @Override
    public String toString() {
        return "connection " + setUp.backendId() + " of node " + calls.node();
    }
}
