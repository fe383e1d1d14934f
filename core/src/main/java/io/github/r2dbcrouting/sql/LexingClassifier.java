package io.github.r2dbcrouting.sql;

import io.github.r2dbcrouting.sql.StatementProfile.Access;
import io.github.r2dbcrouting.sql.StatementProfile.Trait;
import io.github.r2dbcrouting.sql.StatementProfile.Traits;
import java.util.Locale;

/**
 * Classifies by reading the tokens of a text once; if settings of the server could move the ends of its literals, once for
 * each of these settings. Then it is what all readings agree upon.
 */
final class LexingClassifier implements SqlClassifier {

    /** Bounds the memory that a text takes here, which is twice its length; nobody reads by longer ones. */
    static final int LONGEST_TEXT = 1 << 24;

    private static final int[] SETTINGS = {Quotes.OTHER_BACKSLASHES, Quotes.OTHER_QUOTES};

    private static final StatementProfile NO_STATEMENT =
            StatementProfile.of(Access.UNKNOWN, "no statement", Traits.NONE);
    private static final StatementProfile TOO_LONG = StatementProfile.of(
            Access.UNKNOWN, "longer than " + LONGEST_TEXT + " characters", Traits.of(Trait.ALTERS_SESSION));

    private final SqlDialect dialect;
    private final Functions functions;

    /**
     * What a text is under certain settings.
     *
     * @param doubts the settings under which it might be something else
     * @param error whether a server with these settings executes nothing of it
     */
    private record Reading(StatementProfile profile, int doubts, boolean error) {}

    LexingClassifier(SqlDialect dialect, FunctionCatalog catalog) {
        this.dialect = dialect;
        this.functions = new Functions(dialect, catalog);
    }

    @Override
    public StatementProfile classify(String sql) {
        int length = sql.length();
        if (length > LONGEST_TEXT) {
            return TOO_LONG;
        }
        char[] text = new char[length + Blanks.LOOK_AHEAD];
        sql.getChars(0, length, text, 0);
        Reading first = read(sql, text, 0);
        return first.doubts() == 0 ? first.profile() : agreed(sql, text, first);
    }

    /** Reads the text under all settings that matter, and leaves out those under which the server refuses it anyway. */
    private StatementProfile agreed(String sql, char[] text, Reading first) {
        StatementProfile agreed = first.error() ? null : first.profile();
        int done = 1;
        int reached = neighbours(0, first.doubts());
        while ((reached & ~done) != 0) {
            int settings = Integer.numberOfTrailingZeros(reached & ~done);
            done |= 1 << settings;
            Reading reading = read(sql, text, settings);
            reached |= neighbours(settings, reading.doubts());
            if (!reading.error()) {
                agreed = agreed == null ? reading.profile() : agreed.or(reading.profile());
            }
        }
        return agreed == null ? first.profile() : agreed;
    }

    /** Returns, as bits, the settings that differ from given ones by one that matters. */
    private static int neighbours(int settings, int doubts) {
        int neighbours = 0;
        for (int bit : SETTINGS) {
            neighbours |= (doubts & bit) == 0 ? 0 : 1 << (settings ^ bit);
        }
        return neighbours;
    }

    private Reading read(String sql, char[] text, int settings) {
        Tokens tokens = new Tokens(sql, text, dialect, settings, functions);
        Findings found = null;
        boolean several = false;
        boolean executed = false;
        while (tokens.skipToStatement()) {
            Findings statement = new StatementReader(tokens, dialect).read();
            if (found == null) {
                found = statement;
            } else {
                found = several ? found : Findings.several(found);
                found.addStatement(statement);
                several = true;
            }
            executed |= tokens.current() == Token.SEMICOLON;
        }
        boolean error = false;
        if (tokens.current() == Token.UNREADABLE) {
            // PostgreSQL reads a text to its end before it executes anything, MySQL each statement by itself.
            error = tokens.isError() && (dialect == SqlDialect.POSTGRESQL || !executed);
            // The server may see something else in all of the text.
            found = found == null ? new Findings() : found;
            found.cannotBeRead(tokens.problem());
        }
        if (found != null && dialect == SqlDialect.POSTGRESQL && found.maySet() && relaxesCommits(sql, tokens)) {
            found.add(Trait.RELAXES_COMMITS);
        }
        StatementProfile profile = found == null ? NO_STATEMENT : found.profile(tokens.placeholders());
        RoutingComment comment = tokens.routingComment();
        return new Reading(comment == null ? profile : profile.with(comment), tokens.doubts(), error);
    }

    /** The name of the setting may be in a literal, in a function's argument, or not in the text at all. */
    private static boolean relaxesCommits(String sql, Tokens tokens) {
        String text = sql.toLowerCase(Locale.ROOT);
        return text.contains("synchronous_commit") || text.contains("set_config") && tokens.placeholders() > 0;
    }

    @Override
    public String toString() {
        return "SQL classifier for " + dialect;
    }
}
