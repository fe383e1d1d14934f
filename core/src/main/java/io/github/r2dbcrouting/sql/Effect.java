package io.github.r2dbcrouting.sql;

import io.github.r2dbcrouting.sql.StatementProfile.Access;

/** What calling a function does, apart from its result. */
enum Effect {
    /** Nothing: any node may compute it. */
    NONE(Access.READ, false, "is harmless"),
    /** Changes or locks something, at most until the transaction ends. */
    WRITES(Access.WRITE, false, "changes something"),
    /** Takes or frees something that outlives the statement and the transaction in its session. */
    HOLDS(Access.WRITE, true, "holds something in its session"),
    /** Changes the session only, as SET does. */
    SETS(Access.UNKNOWN, true, "changes the session"),
    /** Answers from what its session did before, or from the node that it runs on, so a replica would answer wrongly. */
    LOCAL(Access.UNKNOWN, false, "answers for its own session or node"),
    /** Not known: it may do anything. */
    UNKNOWN(Access.UNKNOWN, true, "is not known to be harmless");

    private final Access access;
    private final boolean altersSession;
    private final String phrase;

    Effect(Access access, boolean altersSession, String phrase) {
        this.access = access;
        this.altersSession = altersSession;
        this.phrase = phrase;
    }

    Access access() {
        return access;
    }

    boolean altersSession() {
        return altersSession;
    }

    String phrase() {
        return phrase;
    }
}
