package io.github.r2dbcrouting.sql;

import io.github.r2dbcrouting.sql.StatementProfile.Access;
import io.github.r2dbcrouting.sql.StatementProfile.Trait;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Supplier;

/** What was found in a text so far: the worst access with its reason, and everything that was found of the rest. */
final class Findings {

    private static final StatementProfile READS_ONLY = StatementProfile.of(Access.READ, "reads only", Set.of());

    private Access access = Access.READ;
    private final Set<Trait> traits = EnumSet.noneOf(Trait.class);
    private String reason = READS_ONLY.reason();

    void add(Access found, boolean alters, String why) {
        add(found, alters, () -> why);
    }

    /** Adds a finding; its reason is asked for only if it is worse than all before. */
    void add(Access found, boolean alters, Supplier<String> why) {
        if (alters) {
            traits.add(Trait.ALTERS_SESSION);
        }
        if (weight(found) > weight(access)) {
            access = found;
            reason = why.get();
        }
    }

    void controlsTransaction() {
        traits.add(Trait.CONTROLS);
    }

    /** Adds one of several statements in a text; together they are no read, even if each of them is one. */
    void addStatement(StatementProfile statement) {
        add(statement.access(), statement.altersSession(), () -> "several statements: " + statement.reason());
        add(Access.UNKNOWN, false, "several statements");
        traits.addAll(statement.traits());
        traits.add(Trait.SEVERAL);
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
