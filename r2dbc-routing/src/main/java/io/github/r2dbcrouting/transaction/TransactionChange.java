package io.github.r2dbcrouting.transaction;

import io.github.r2dbcrouting.sql.StatementProfile;
import io.github.r2dbcrouting.sql.StatementProfile.Trait;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * A text that may begin or end a transaction, on its way to the server and back. Whether there is a transaction is not read
 * from the text: the driver knows it from the server, as soon as the answer has come to its end.
 */
public final class TransactionChange {

    private final StatementProfile profile;
    private final Sinks.Empty<Void> over = Sinks.empty();

    public TransactionChange(StatementProfile profile) {
        this.profile = profile;
    }

    /** Returns whether it may begin one. */
    public boolean begins() {
        return profile.has(Trait.BEGINS) || profile.has(Trait.BEGINS_READ_ONLY);
    }

    /** Returns whether it may end one. */
    public boolean ends() {
        return profile.has(Trait.ENDS);
    }

    /** The answer has come to its end, or never will. */
    public void over() {
        over.tryEmitEmpty();
    }

    /** Emits nothing and completes when the driver knows whether there is a transaction. */
    public Mono<Void> whenOver() {
        return over.asMono();
    }
}
