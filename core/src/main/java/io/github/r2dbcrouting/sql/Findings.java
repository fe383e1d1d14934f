package io.github.r2dbcrouting.sql;

import io.github.r2dbcrouting.sql.StatementProfile.Access;
import io.github.r2dbcrouting.sql.StatementProfile.Tables;
import io.github.r2dbcrouting.sql.StatementProfile.Trait;
import io.github.r2dbcrouting.sql.StatementProfile.Traits;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Supplier;

/** What was found in a text so far: the worst access with its reason, and everything that was found of the rest. */
final class Findings {

    /** Enough to show what to ask the server for; one of them alone makes the access unknown. */
    private static final int MOST_UNKNOWN_FUNCTIONS = 8;

    private Access access = Access.READ;
    private Traits traits = Traits.NONE;
    private String reason = "reads only";
    private Tables tables = Tables.NONE;
    private Set<String> unknownFunctions = Set.of();

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

    /** Adds the tables that a statement or a part of it names. */
    void add(Tables others) {
        tables = tables.and(others);
    }

    /** Returns whether what was found may change settings, of the session or of its transaction only. */
    boolean maySet() {
        return access == Access.UNKNOWN || traits.has(Trait.ALTERS_SESSION) || traits.has(Trait.SEVERAL);
    }

    void addUnknownFunction(String name) {
        if (unknownFunctions.isEmpty()) {
            unknownFunctions = new HashSet<>();
        }
        if (unknownFunctions.size() < MOST_UNKNOWN_FUNCTIONS) {
            unknownFunctions.add(name);
        }
    }

    /** Returns findings to which those of further statements can be added. */
    static Findings several(Findings first) {
        Findings several = new Findings();
        several.addStatement(first);
        return several;
    }

    /** Adds what was found in one of several statements in a text; together they are no read, even if each of them is one. */
    void addStatement(Findings statement) {
        add(statement.access, statement.traits, () -> "several statements: " + statement.reason);
        add(Access.UNKNOWN, "several statements", Trait.SEVERAL);
        add(statement.tables);
        statement.unknownFunctions.forEach(this::addUnknownFunction);
    }

    /** Makes all that was found uncertain, since the text goes on with something that cannot be read. */
    void cannotBeRead(String problem) {
        access = Access.UNKNOWN;
        reason = "cannot be read: " + problem;
        add(Trait.ALTERS_SESSION);
        add(Tables.UNKNOWN);
    }

    StatementProfile profile(int placeholders) {
        return new StatementProfile(access, reason, traits, tables, placeholders, unknownFunctions, null);
    }

    private static int weight(Access access) {
        return switch (access) {
            case READ -> 0;
            case UNKNOWN -> 1;
            case WRITE -> 2;
        };
    }
}
