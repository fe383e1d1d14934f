package io.github.r2dbcrouting.sql;

import io.github.r2dbcrouting.sql.StatementProfile.Tables;
import io.github.r2dbcrouting.sql.Word.Keyword;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Finds where a statement names tables: behind {@code FROM} and {@code JOIN}, and behind the verb of a change. What may be a
 * table is taken for one rather than missed, and where not even that can be told, the tables are not known. There is one
 * state for each depth of parentheses.
 */
final class TableNames {

    /** Servers cut longer names off, or refuse them. */
    private static final int LONGEST_NAME = 63;

    private static final int MOST_TABLES = 64;

    private enum State {
        /** No query has begun here. */
        NONE,
        /** A query has begun; its {@code FROM} is to come. */
        HEAD,
        /** A {@code DELETE} has begun; its {@code FROM} is to come. */
        DELETE,
        /** A table to read comes next. */
        READ,
        /** A table to change comes next. */
        WRITE,
        /** The table of an {@code INSERT} comes next. */
        TARGET,
        /** Behind the table of an {@code INSERT}. */
        SOURCE,
        /** Behind a table to read; a comma and another one may follow. */
        READS,
        /** Behind a table to change; a comma and another one may follow. */
        WRITES,
        /** Behind all of these, in a later clause. */
        TAIL;

        boolean isExpecting() {
            return this == READ || this == WRITE || this == TARGET;
        }

        boolean isList() {
            return this == READS || this == WRITES;
        }
    }

    private final Tokens tokens;
    private final WithLists lists;
    private final boolean mysql;
    private final List<String> read = new ArrayList<>(0);
    private final List<String> written = new ArrayList<>(0);
    private boolean known = true;
    private String schema = "";

    private State[] states = new State[8];
    private int depth;

    TableNames(Tokens tokens, WithLists lists, boolean mysql) {
        this.tokens = tokens;
        this.lists = lists;
        this.mysql = mysql;
        states[0] = State.NONE;
    }

    /** Notes that the text does not show all tables. */
    void hide() {
        known = false;
    }

    Tables tables() {
        if (read.isEmpty() && written.isEmpty()) {
            return known ? Tables.NONE : Tables.UNKNOWN;
        }
        return new Tables(Set.of(read.toArray(String[]::new)), Set.of(written.toArray(String[]::new)), known);
    }

    /** Takes the verb of a change. */
    void change(Keyword verb) {
        switch (verb) {
            case INSERT, REPLACE -> become(State.TARGET);
            case UPDATE, MERGE -> become(State.WRITE);
            case DELETE -> become(State.DELETE);
            default -> hide();
        }
    }

    /** Takes an unquoted word that does not begin a change. */
    void word() {
        Keyword keyword = tokens.keyword();
        switch (keyword) {
            case SELECT -> become(State.HEAD);
            case TABLE -> become(State.READ);
            case VALUES -> values();
            case WITH -> with();
            default -> {
                if (state().isExpecting()) {
                    expected(keyword);
                } else {
                    clause(keyword);
                }
            }
        }
    }

    private void values() {
        boolean query = mysql || tokens.next() == Token.LEFT_PARENTHESIS;
        if (query) {
            become(State.NONE);
        } else if (state().isExpecting()) {
            name();
        }
    }

    private void with() {
        if (state() == State.SOURCE) {
            lists.begin();
        }
        if (state() == State.SOURCE || state().isExpecting()) {
            become(State.NONE);
        }
    }

    private void expected(Keyword keyword) {
        boolean partOfTheClause = switch (keyword) {
            case INTO -> state() != State.READ;
            case MODIFIER -> mysql && state() != State.READ;
            case ONLY, LATERAL -> !mysql;
            default -> false;
        };
        if (!partOfTheClause) {
            name();
        }
    }

    private void clause(Keyword keyword) {
        switch (keyword) {
            case FROM -> from();
            case JOIN -> {
                if (state().isList() || state() == State.TAIL) {
                    become(state() == State.WRITES ? State.WRITE : State.READ);
                }
            }
            case USING -> {
                if (state() == State.WRITES && !(mysql && tokens.next() == Token.LEFT_PARENTHESIS)) {
                    become(mysql ? State.WRITE : State.READ);
                }
            }
            case CLAUSE -> endList();
            case SET -> {
                if (state() == State.WRITES || tokens.follows(Keyword.UPDATE)) {
                    endList();
                }
            }
            case UPDATE -> {
                if (tokens.follows(Keyword.KEY)) {
                    endList();
                }
            }
            case FOR -> {
                Keyword next = tokens.nextWord().keyword();
                if (!mysql || next == Keyword.UPDATE || next == Keyword.SHARE) {
                    endList();
                } else if (state().isList()) {
                    // An index hint, or the time of a table of MariaDB, which may contain anything.
                    hide();
                }
            }
            case INTO -> hide();
            default -> {}
        }
    }

    private void from() {
        if (tokens.follows(Keyword.DISTINCT)) {
            // The operator IS DISTINCT FROM.
            return;
        }
        if (state() == State.DELETE) {
            become(State.WRITE);
        } else if (state() != State.NONE && state() != State.SOURCE) {
            become(State.READ);
        }
    }

    /** Some of these words may be an alias, which a comma may follow. */
    private void endList() {
        if (state().isList() && tokens.next() != Token.COMMA) {
            become(State.TAIL);
        }
    }

    /** Takes a name that is quoted, or no word of the language. */
    void plainName() {
        if (state().isExpecting()) {
            name();
        }
    }

    /** Takes a name where a table is expected: a part of its name, or a function instead. */
    private void name() {
        if (tokens.end() - tokens.start() > LONGEST_NAME) {
            hide();
        } else if (tokens.next() == Token.DOT) {
            schema += tokens.name() + ".";
            if (schema.length() > 3 * LONGEST_NAME) {
                hide();
                schema = "";
            }
            return;
        } else if (tokens.next() != Token.LEFT_PARENTHESIS || state() == State.TARGET) {
            table(schema + tokens.name());
        }
        if (tokens.next() == Token.SYMBOL) {
            hide();
        }
        schema = "";
        behind();
    }

    private void table(String name) {
        if (schema.isEmpty() && (lists.names(name) || isDual(name))) {
            return;
        }
        List<String> names = state() == State.READ ? read : written;
        if (names.contains(name)) {
            return;
        }
        if (names.size() < MOST_TABLES) {
            names.add(name);
        } else {
            hide();
        }
    }

    /** MySQL has a table for those who must name one. */
    private boolean isDual(String name) {
        return mysql && tokens.current() == Token.WORD && name.equals("dual");
    }

    /** Goes on behind a table, or what stands in the place of one. */
    private void behind() {
        become(
                switch (state()) {
                    case READ -> State.READS;
                    case WRITE -> State.WRITES;
                    case TARGET -> State.SOURCE;
                    default -> state();
                });
    }

    void comma() {
        if (state().isList()) {
            become(state() == State.READS ? State.READ : State.WRITE);
        }
    }

    /** In the parentheses where a table is expected there is a query, or tables that are joined. */
    void open() {
        State inner = state() == State.READ || state() == State.WRITE ? state() : State.NONE;
        behind();
        depth++;
        if (depth == states.length) {
            states = Arrays.copyOf(states, 2 * depth);
        }
        states[depth] = inner;
    }

    void close() {
        depth = Math.max(0, depth - 1);
    }

    /** Takes what can be no part of a table's name. */
    void other() {
        if (state().isExpecting()) {
            hide();
            schema = "";
            behind();
        }
    }

    private State state() {
        return states[depth];
    }

    private void become(State state) {
        states[depth] = state;
    }
}
