package io.github.r2dbcrouting.sql;

import static io.github.r2dbcrouting.sql.StatementProfile.Access.READ;
import static io.github.r2dbcrouting.sql.StatementProfile.Access.UNKNOWN;
import static io.github.r2dbcrouting.sql.StatementProfile.Access.WRITE;
import static io.github.r2dbcrouting.sql.StatementProfile.Trait.ALTERS_SESSION;
import static io.github.r2dbcrouting.sql.StatementProfile.Trait.CHANGES_SCHEMA;
import static io.github.r2dbcrouting.sql.StatementProfile.Trait.CONTROLS;
import static io.github.r2dbcrouting.sql.StatementProfile.Trait.ENDS;

import io.github.r2dbcrouting.sql.StatementProfile.Access;
import io.github.r2dbcrouting.sql.StatementProfile.Trait;
import io.github.r2dbcrouting.sql.StatementProfile.Traits;

/** What a statement does, as far as its first word tells. */
enum Verb {
    /** {@code SELECT}, {@code WITH}, {@code VALUES}, {@code TABLE}, {@code DO} in MySQL: a read unless something in it says otherwise. */
    QUERY(READ),
    /** {@code SHOW}, in MySQL {@code HELP} and {@code CHECKSUM TABLE} too: a read unless it shows what the session did before. */
    SHOW(READ),
    /** {@code EXPLAIN}, in MySQL {@code DESCRIBE} too: what the explained statement is. */
    EXPLAIN(READ),
    /** {@code INSERT}, {@code UPDATE} and their like. */
    CHANGE(WRITE),
    /** {@code CREATE}: may be followed by the body of a routine, with statements of its own. */
    CREATE(WRITE, CHANGES_SCHEMA),
    /** {@code ALTER}, {@code DROP} and everything else that changes the schema. */
    SCHEMA(WRITE, CHANGES_SCHEMA),
    /** {@code GRANT}, {@code VACUUM} and everything else that changes data, rights or server. */
    DEFINE(WRITE),
    /** What in MySQL commits before it does such a thing. */
    DEFINE_ALONE(WRITE, ENDS),
    /** {@code LOCK} in PostgreSQL. */
    LOCK(WRITE, Trait.LOCKS),
    /** What in MySQL commits, and locks tables for the session or frees them. */
    LOCK_ALONE(WRITE, ENDS, Trait.LOCKS, ALTERS_SESSION),
    /** {@code BEGIN}: a transaction, in MariaDB perhaps a block of statements. */
    BEGIN(WRITE),
    /** {@code START}: a transaction, or in MySQL a thread of the server. */
    START(WRITE),
    /** {@code COMMIT}, {@code ROLLBACK} and their like: a whole transaction, back to a savepoint, or a prepared one. */
    END(WRITE),
    /** {@code SAVEPOINT}, {@code RELEASE}. */
    SAVEPOINT(WRITE, CONTROLS),
    /** {@code PREPARE}: a statement, or in PostgreSQL a transaction. */
    PREPARE(UNKNOWN, ALTERS_SESSION),
    /** {@code SET}: a setting of the session or of a transaction, or what transactions are like. */
    SET(UNKNOWN),
    /** {@code RESET}, {@code DECLARE}, {@code USE}: something of the session. */
    SESSION(UNKNOWN, ALTERS_SESSION),
    /** {@code CALL}, {@code DO}, {@code LISTEN}, {@code LOAD}: more than the session, and the session too. */
    ANYTHING(WRITE, ALTERS_SESSION),
    /** {@code XA}: a transaction bound to its session. */
    DISTRIBUTED(WRITE, CONTROLS, ALTERS_SESSION),
    /** No statement that is known here. */
    NONE(UNKNOWN, ALTERS_SESSION);

    private final Access access;
    private final Traits traits;

    Verb(Access access, Trait... traits) {
        this.access = access;
        this.traits = Traits.of(traits);
    }

    Access access() {
        return access;
    }

    Traits traits() {
        return traits;
    }
}
