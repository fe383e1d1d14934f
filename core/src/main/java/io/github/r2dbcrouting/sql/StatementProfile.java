package io.github.r2dbcrouting.sql;

/**
 * What a statement does, as far as its text tells.
 *
 * @param access whether it reads or writes
 * @param transactionControl whether it begins or ends a transaction or a savepoint
 * @param altersSession whether it may leave something behind in the session that a later borrower of the same
 *     connection would see: settings, temporary tables, prepared statements, listeners, locks
 * @param reason why {@code access} is what it is, in a few words
 */
public record StatementProfile(Access access, boolean transactionControl, boolean altersSession, String reason) {

    /** Whether a statement reads or writes. */
    public enum Access {
        /** Surely reads only: a replica may run it. */
        READ,
        /** Surely writes, locks or controls a transaction. */
        WRITE,
        /** Not surely a read, so only the primary may run it. */
        UNKNOWN
    }

    /** Returns whether a replica may run the statement. */
    public boolean isRead() {
        return access == Access.READ;
    }
}
