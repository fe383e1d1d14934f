package io.github.r2dbcrouting.connection;

import io.r2dbc.spi.Batch;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionMetadata;
import io.r2dbc.spi.IsolationLevel;
import io.r2dbc.spi.Result;
import io.r2dbc.spi.Statement;
import io.r2dbc.spi.TransactionDefinition;
import io.r2dbc.spi.ValidationDepth;
import io.r2dbc.spi.test.MockConnectionMetadata;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A connection of {@link ScriptedDriver}: statements wait for the test, everything else is noted and done at once. */
final class ScriptedConnection implements Connection {

    final String node;

    /** What was called, in order; statements by their text. */
    final List<String> calls = new ArrayList<>();

    final List<ScriptedExecution> executions = new ArrayList<>();

    /** What the next call other than a statement answers, instead of nothing. */
    Supplier<Mono<Void>> answer = Mono::empty;

    private final Runnable whileSending;
    private IsolationLevel isolationLevel = IsolationLevel.READ_COMMITTED;
    private boolean autoCommit = true;
    private boolean open = true;

    ScriptedConnection(String node, Runnable whileSending) {
        this.node = node;
        this.whileSending = whileSending;
    }

    boolean isOpen() {
        return open;
    }

    /** What the server says of a transaction, with the end of each answer. */
    void inTransaction(boolean present) {
        autoCommit = !present;
    }

    /** Returns the last execution. */
    ScriptedExecution last() {
        return executions.get(executions.size() - 1);
    }

    private Mono<Void> call(String what, Runnable effect) {
        return Mono.defer(() -> {
            calls.add(what);
            return answer.get().doOnSuccess(done -> effect.run());
        });
    }

    private Mono<Void> call(String what) {
        return call(what, () -> {});
    }

    @Override
    public Statement createStatement(String sql) {
        return new ScriptedStatement(this, sql);
    }

    Flux<Result> execute(String sql) {
        return Flux.defer(() -> {
            if (!open) {
                return Flux.error(ScriptedDriver.lost());
            }
            calls.add(sql);
            ScriptedExecution execution = new ScriptedExecution();
            executions.add(execution);
            whileSending.run();
            return execution.sequence();
        });
    }

    @Override
    public Batch createBatch() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Mono<Void> beginTransaction() {
        return call("begin", () -> autoCommit = false);
    }

    @Override
    public Mono<Void> beginTransaction(TransactionDefinition definition) {
        return call("begin as defined", () -> autoCommit = false);
    }

    @Override
    public Mono<Void> commitTransaction() {
        return call("commit", () -> autoCommit = true);
    }

    @Override
    public Mono<Void> rollbackTransaction() {
        return call("rollback", () -> autoCommit = true);
    }

    @Override
    public Mono<Void> createSavepoint(String name) {
        return call("savepoint");
    }

    @Override
    public Mono<Void> releaseSavepoint(String name) {
        return call("release");
    }

    @Override
    public Mono<Void> rollbackTransactionToSavepoint(String name) {
        return call("rollback to");
    }

    @Override
    public Mono<Void> setAutoCommit(boolean on) {
        return call("auto-commit " + on, () -> autoCommit = on);
    }

    @Override
    public boolean isAutoCommit() {
        return autoCommit;
    }

    @Override
    public Mono<Void> setTransactionIsolationLevel(IsolationLevel level) {
        return call(level.asSql(), () -> isolationLevel = level);
    }

    @Override
    public IsolationLevel getTransactionIsolationLevel() {
        return isolationLevel;
    }

    @Override
    public Mono<Void> setLockWaitTimeout(Duration timeout) {
        return call("lock wait " + timeout.toMillis());
    }

    @Override
    public Mono<Void> setStatementTimeout(Duration timeout) {
        return call("timeout " + timeout.toMillis());
    }

    @Override
    public Publisher<Boolean> validate(ValidationDepth depth) {
        return Mono.fromSupplier(() -> open);
    }

    @Override
    public ConnectionMetadata getMetadata() {
        return MockConnectionMetadata.INSTANCE;
    }

    @Override
    public Mono<Void> close() {
        return Mono.fromRunnable(() -> {
            calls.add("close");
            open = false;
            executions.forEach(ScriptedExecution::lose);
        });
    }
}
