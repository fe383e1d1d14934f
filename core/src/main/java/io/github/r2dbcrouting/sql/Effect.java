package io.github.r2dbcrouting.sql;

import io.github.r2dbcrouting.sql.StatementProfile.Access;
import io.github.r2dbcrouting.sql.StatementProfile.Trait;
import io.github.r2dbcrouting.sql.StatementProfile.Traits;

/** What calling a function does, apart from its result. */
enum Effect {
    /** Nothing: any node may compute it. */
    NONE(Access.READ, "is harmless"),
    /** Changes something. */
    WRITES(Access.WRITE, "changes something"),
    /** Locks something until the transaction ends. */
    LOCKS(Access.WRITE, "locks something", Trait.LOCKS),
    /** Takes or frees a lock that outlives the statement and the transaction in its session. */
    HOLDS(Access.WRITE, "holds something in its session", Trait.LOCKS, Trait.ALTERS_SESSION),
    /** Changes the session only, as SET does. */
    SETS(Access.UNKNOWN, "changes the session", Trait.ALTERS_SESSION),
    /** Answers from what its session did before, or from the node that it runs on, so a replica would answer wrongly. */
    LOCAL(Access.UNKNOWN, "answers for its own session or node"),
    /** Not known: it may do anything. */
    UNKNOWN(Access.UNKNOWN, "is not known to be harmless", Trait.ALTERS_SESSION);

    private final Access access;
    private final String phrase;
    private final Traits traits;

    Effect(Access access, String phrase, Trait... traits) {
        this.access = access;
        this.phrase = phrase;
        this.traits = Traits.of(traits);
    }

    Access access() {
        return access;
    }

    String phrase() {
        return phrase;
    }

    Traits traits() {
        return traits;
    }
}
