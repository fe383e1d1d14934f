package io.github.r2dbcrouting.virtual;

import io.github.r2dbcrouting.dialect.DatabaseDialect;
import io.github.r2dbcrouting.dialect.DriverConnection;
import io.github.r2dbcrouting.hold.Hold;
import io.r2dbc.spi.IsolationLevel;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * What the SPI's setters asked of a virtual connection. It is kept here and applied to every physical connection that the
 * virtual one takes, since none may be taken yet and several may follow.
 */
public record SessionSettings(
        @Nullable IsolationLevel isolationLevel,
        @Nullable Duration lockWaitTimeout,
        @Nullable Duration statementTimeout) {

    static final SessionSettings NONE = new SessionSettings(null, null, null);

    boolean isEmpty() {
        return equals(NONE);
    }

    /** Returns whether a replica can be set so. */
    boolean areForReplicas(DatabaseDialect dialect) {
        return isolationLevel == null || dialect.replicasOffer(isolationLevel);
    }

    /** Returns the same with another level. */
    public SessionSettings withIsolationLevel(IsolationLevel level) {
        return new SessionSettings(level, lockWaitTimeout, statementTimeout);
    }

    /** Returns the same with another time to wait for locks. */
    public SessionSettings withLockWaitTimeout(Duration timeout) {
        return new SessionSettings(isolationLevel, timeout, statementTimeout);
    }

    /** Returns the same with another time for a statement. */
    public SessionSettings withStatementTimeout(Duration timeout) {
        return new SessionSettings(isolationLevel, lockWaitTimeout, timeout);
    }

    /** Returns a cold {@link Mono} of a hold that was just taken, once its connection is set so. */
    Mono<Hold> prepare(Hold hold) {
        if (isEmpty()) {
            return Mono.just(hold);
        }
        hold.alter();
        return applyTo(hold.connection())
                .thenReturn(hold)
                .doOnError(error -> hold.discard())
                .doOnCancel(hold::discard);
    }

    /** Returns a cold {@link Mono} that applies all of it. */
    Mono<Void> applyTo(DriverConnection connection) {
        Mono<Void> applied = Mono.empty();
        if (isolationLevel != null) {
            applied = applied.then(connection.setTransactionIsolationLevel(isolationLevel));
        }
        if (lockWaitTimeout != null) {
            applied = applied.then(connection.setLockWaitTimeout(lockWaitTimeout));
        }
        if (statementTimeout != null) {
            applied = applied.then(connection.setStatementTimeout(statementTimeout));
        }
        return applied;
    }
}
