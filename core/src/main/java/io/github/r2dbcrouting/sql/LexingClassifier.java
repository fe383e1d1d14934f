package io.github.r2dbcrouting.sql;

import io.github.r2dbcrouting.sql.StatementProfile.Access;
import io.github.r2dbcrouting.sql.StatementProfile.Traits;

/** Classifies by reading the tokens of a text once. */
final class LexingClassifier implements SqlClassifier {

    private static final StatementProfile NO_STATEMENT =
            StatementProfile.of(Access.UNKNOWN, "no statement", Traits.NONE);

    private final SqlDialect dialect;
    private final Functions functions;

    LexingClassifier(SqlDialect dialect, FunctionCatalog catalog) {
        this.dialect = dialect;
        this.functions = new Functions(dialect, catalog);
    }

    @Override
    public StatementProfile classify(String sql) {
        Tokens tokens = new Tokens(sql, dialect, functions);
        Findings found = null;
        boolean several = false;
        while (tokens.skipToStatement()) {
            Findings statement = new StatementReader(tokens, dialect).read();
            if (found == null) {
                found = statement;
            } else {
                if (!several) {
                    Findings first = found;
                    found = new Findings();
                    found.addStatement(first);
                    several = true;
                }
                found.addStatement(statement);
            }
        }
        if (tokens.current() == Token.UNREADABLE) {
            // The server may see something else in all of the text.
            found = found == null ? new Findings() : found;
            found.cannotBeRead(tokens.problem());
        }
        StatementProfile profile = found == null ? NO_STATEMENT : found.profile(tokens.placeholders());
        RoutingComment comment = tokens.routingComment();
        return comment == null ? profile : profile.with(comment);
    }

    @Override
    public String toString() {
        return "SQL classifier for " + dialect;
    }
}
