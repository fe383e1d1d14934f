package io.github.r2dbcrouting.sql;

import io.github.r2dbcrouting.sql.StatementProfile.Access;
import io.github.r2dbcrouting.sql.StatementProfile.Trait;
import io.github.r2dbcrouting.sql.StatementProfile.Traits;
import java.util.function.Supplier;

/** What was found in a text so far: the worst access with its reason, and everything that was found of the rest. */
final class Findings {

    private static final StatementProfile READS_ONLY = StatementProfile.of(Access.READ, "reads only", Traits.NONE);

    private Access access = Access.READ;
    private Traits traits = Traits.NONE;
    private String reason = READS_ONLY.reason();

    void add(Trait trait) {
        traits = traits.and(Traits.of(trait));
    }

    void add(Access found, String why, Trait... others) {
        add(found, Traits.of(others), () -> why);
    }

    /** Adds a finding; its reason is asked for only if it is worse than all before. */
    void add(Access found, Traits others, Supplier<String> why) {
        traits = traits.and(others);
        if (weight(found) > weight(access)) {
            access = found;
            reason = why.get();
        }
    }

    /** Adds one of several statements in a text; together they are no read, even if each of them is one. */
    void addStatement(StatementProfile statement) {
        add(statement.access(), statement.traits(), () -> "several statements: " + statement.reason());
        add(Access.UNKNOWN, "several statements", Trait.SEVERAL);
    }

    StatementProfile profile() {
        return access == Access.READ ? READS_ONLY : StatementProfile.of(access, reason, traits);
    }

    private static int weight(Access access) {
        return switch (access) {
            case READ -> 0;
            case UNKNOWN -> 1;
            case WRITE -> 2;
        };
    }
}
