package io.github.r2dbcrouting.sql;

import io.github.r2dbcrouting.sql.StatementProfile.Access;
import io.github.r2dbcrouting.sql.StatementProfile.Trait;
import io.github.r2dbcrouting.sql.StatementProfile.Traits;
import org.jspecify.annotations.Nullable;

/** Classifies by reading the tokens of a text once. */
final class LexingClassifier implements SqlClassifier {

    private static final StatementProfile NO_STATEMENT =
            StatementProfile.of(Access.UNKNOWN, "no statement", Traits.NONE);

    private final SqlDialect dialect;

    LexingClassifier(SqlDialect dialect) {
        this.dialect = dialect;
    }

    @Override
    public StatementProfile classify(String sql) {
        Tokens tokens = new Tokens(sql, dialect);
        StatementProfile profile = classify(tokens);
        RoutingComment comment = tokens.routingComment();
        return comment == null ? profile : profile.with(comment);
    }

    private StatementProfile classify(Tokens tokens) {
        StatementProfile first = null;
        Findings several = null;
        while (tokens.skipToStatement()) {
            StatementProfile statement = new StatementReader(tokens, dialect).read();
            if (first == null) {
                first = statement;
            } else {
                if (several == null) {
                    several = new Findings();
                    several.addStatement(first);
                }
                several.addStatement(statement);
            }
        }
        if (tokens.current() == Token.UNREADABLE) {
            return unreadable(tokens.problem(), several == null ? first : several.profile());
        }
        if (several != null) {
            return several.profile();
        }
        return first == null ? NO_STATEMENT : first;
    }

    /** Returns the profile of a text that cannot be read to its end: the server may see something else in all of it. */
    private static StatementProfile unreadable(String problem, @Nullable StatementProfile read) {
        Traits traits = Traits.of(Trait.ALTERS_SESSION);
        return StatementProfile.of(
                Access.UNKNOWN, "cannot be read: " + problem, read == null ? traits : traits.and(read.traits()));
    }

    @Override
    public String toString() {
        return "SQL classifier for " + dialect;
    }
}
