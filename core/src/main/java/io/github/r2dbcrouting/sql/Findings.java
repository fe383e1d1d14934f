package io.github.r2dbcrouting.sql;

import io.github.r2dbcrouting.sql.StatementProfile.Access;
import java.util.function.Supplier;

/** What was found in a text so far: the worst access with its reason, and everything that was found of the rest. */
final class Findings {

    private static final StatementProfile READS_ONLY = new StatementProfile(Access.READ, false, false, "reads only");

    private Access access = Access.READ;
    private boolean transactionControl;
    private boolean altersSession;
    private String reason = READS_ONLY.reason();

    void add(Access found, boolean alters, String why) {
        add(found, alters, () -> why);
    }

    /** Adds a finding; its reason is asked for only if it is worse than all before. */
    void add(Access found, boolean alters, Supplier<String> why) {
        altersSession |= alters;
        if (weight(found) > weight(access)) {
            access = found;
            reason = why.get();
        }
    }

    void controlsTransaction() {
        transactionControl = true;
    }

    /** Adds one of several statements in a text; together they are no read, even if each of them is one. */
    void addStatement(StatementProfile statement) {
        add(statement.access(), statement.altersSession(), () -> "several statements: " + statement.reason());
        add(Access.UNKNOWN, false, "several statements");
        transactionControl |= statement.transactionControl();
    }

    StatementProfile profile() {
        return access == Access.READ
                ? READS_ONLY
                : new StatementProfile(access, transactionControl, altersSession, reason);
    }

    private static int weight(Access access) {
        return switch (access) {
            case READ -> 0;
            case UNKNOWN -> 1;
            case WRITE -> 2;
        };
    }
}
