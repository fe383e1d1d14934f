package io.github.r2dbcrouting.transaction;

import io.github.r2dbcrouting.dialect.DatabaseDialect;
import io.github.r2dbcrouting.sql.SqlDialect;
import io.github.r2dbcrouting.sql.StatementProfile;
import io.github.r2dbcrouting.sql.StatementProfile.Access;
import io.github.r2dbcrouting.sql.StatementProfile.Trait;
import io.r2dbc.spi.IsolationLevel;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a text means for the transaction in which it stands, or which it begins. */
public final class TransactionText {

    /** What an end begins with, comments apart: its first group undoes, its second keeps. */
    private static final Pattern END = Pattern.compile(
            "(?:\\s++|--[^\\n]*+\\n|#[^\\n]*+\\n|/\\*(?s:.*?)\\*/)*+(?:(ROLLBACK|ABORT)|(COMMIT|END))\\b.*",
            Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    private TransactionText() {}

    /** Returns whether it does nothing but to begin a read-only transaction that a replica can have. */
    public static boolean beginsReading(String sql, StatementProfile profile, DatabaseDialect dialect) {
        return profile.has(Trait.BEGINS_READ_ONLY)
                && !profile.has(Trait.BEGINS)
                && !profile.has(Trait.ENDS)
                && !profile.has(Trait.CONTROLS)
                && !profile.has(Trait.SEVERAL)
                && (dialect.replicasOffer(IsolationLevel.SERIALIZABLE)
                        || !sql.toUpperCase(Locale.ROOT).contains("SERIALIZABLE"));
    }

    /** How a text ends a transaction. */
    public enum Ending {
        COMMIT,
        ROLLBACK,
        /** Not at all, or it does more than that. */
        NONE
    }

    /** Returns how it ends a transaction, after which there is none. */
    public static Ending ending(String sql, StatementProfile profile) {
        Matcher end = END.matcher(sql);
        if (!profile.has(Trait.ENDS)
                || profile.has(Trait.BEGINS)
                || profile.has(Trait.BEGINS_READ_ONLY)
                || profile.has(Trait.SEVERAL)
                || !end.matches()) {
            return Ending.NONE;
        }
        return end.group(1) == null ? Ending.COMMIT : Ending.ROLLBACK;
    }

    /**
     * Returns whether it may have taken effect for good though its answer was lost: outside a transaction, or because it may
     * commit the one in which it stands.
     */
    public static boolean mayTakeEffect(StatementProfile profile, boolean inTransaction, DatabaseDialect dialect) {
        boolean begins = profile.has(Trait.BEGINS) || profile.has(Trait.BEGINS_READ_ONLY);
        if (!inTransaction) {
            return !begins || profile.has(Trait.SEVERAL) || profile.has(Trait.ENDS);
        }
        if (profile.has(Trait.ENDS) || profile.has(Trait.CONTROLS)) {
            return true;
        }
        // Elsewhere a begin commits what was done before it, and a procedure may commit anything.
        return dialect.sqlDialect() != SqlDialect.POSTGRESQL
                && (begins || profile.access() == Access.WRITE && profile.altersSession());
    }
}
