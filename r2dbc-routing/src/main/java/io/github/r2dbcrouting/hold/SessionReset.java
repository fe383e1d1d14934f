package io.github.r2dbcrouting.hold;

import io.github.r2dbcrouting.dialect.DriverConnection;
import io.github.r2dbcrouting.pool.Lease;
import io.r2dbc.spi.IsolationLevel;
import reactor.core.publisher.Mono;

/**
 * Gives a connection back in whose session something may have been left: after what was left is undone, or not at all.
 *
 * @param altered whether statements or setters changed the session; otherwise only a transaction is open
 * @param isolationLevel the level the session had when it was lent
 */
record SessionReset(Lease lease, boolean altered, IsolationLevel isolationLevel) {

    /** Returns a cold {@link Mono} that completes when the connection is back or dropped. Cancelling it drops it. */
    Mono<Void> run() {
        return undone().onErrorReturn(false)
                .doOnNext(restored -> {
                    if (restored) {
                        lease.connection().heldBy(null);
                        lease.release();
                    }
                })
                // Does nothing to one that is back; a reset that failed or was given up leaves what nobody can vouch
                // for.
                .doFinally(signal -> lease.discard())
                .then();
    }

    private Mono<Boolean> undone() {
        DriverConnection connection = lease.connection();
        return altered
                ? connection.reset(isolationLevel)
                : connection.rollbackTransaction().then(Mono.fromSupplier(connection::isAutoCommit));
    }
}
