package io.github.r2dbcrouting.sql;

import static io.github.r2dbcrouting.sql.StatementProfile.Access.READ;
import static io.github.r2dbcrouting.sql.StatementProfile.Access.UNKNOWN;
import static io.github.r2dbcrouting.sql.StatementProfile.Access.WRITE;

import io.github.r2dbcrouting.sql.StatementProfile.Access;

/** What a statement does, as far as its first word tells. */
enum Verb {
    /** {@code SELECT}, {@code WITH}, {@code VALUES}, {@code TABLE}: a read unless something in it says otherwise. */
    QUERY(READ, false, false),
    /** {@code SHOW}: a read unless it shows what the session did before. */
    SHOW(READ, false, false),
    /** {@code EXPLAIN}, in MySQL {@code DESCRIBE} too: what the explained statement is. */
    EXPLAIN(READ, false, false),
    /** {@code INSERT}, {@code UPDATE} and their like. */
    CHANGE(WRITE, false, false),
    /** {@code CREATE}: may be followed by the body of a routine, with statements of its own. */
    CREATE(WRITE, false, false),
    /** {@code ALTER}, {@code DROP} and everything else that changes schema, data, rights or server. */
    DEFINE(WRITE, false, false),
    /** {@code BEGIN}, {@code COMMIT}, {@code SAVEPOINT} and their like. */
    TRANSACTION(WRITE, true, false),
    /** {@code BEGIN} in MariaDB may also open a block of statements. */
    BEGIN(WRITE, true, false),
    /** {@code START}: a transaction, or in MySQL a thread of the server. */
    START(WRITE, false, false),
    /** {@code PREPARE}: a statement, or in PostgreSQL a transaction. */
    PREPARE(UNKNOWN, false, true),
    /** {@code SET}: a setting of the session or of a transaction, or what transactions are like. */
    SET(UNKNOWN, false, false),
    /** {@code RESET}, {@code DECLARE}, {@code USE}: something of the session. */
    SESSION(UNKNOWN, false, true),
    /** {@code CALL}, {@code DO}, {@code LISTEN}, {@code LOAD}: more than the session, and the session too. */
    ANYTHING(WRITE, false, true),
    /** {@code XA}: a transaction bound to its session. */
    DISTRIBUTED(WRITE, true, true),
    /** No statement that is known here. */
    NONE(UNKNOWN, false, true);

    private final Access access;
    private final boolean transactionControl;
    private final boolean altersSession;

    Verb(Access access, boolean transactionControl, boolean altersSession) {
        this.access = access;
        this.transactionControl = transactionControl;
        this.altersSession = altersSession;
    }

    Access access() {
        return access;
    }

    boolean transactionControl() {
        return transactionControl;
    }

    boolean altersSession() {
        return altersSession;
    }
}
