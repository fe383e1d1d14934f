package io.github.r2dbcrouting.sql;

import java.util.ArrayList;
import java.util.Arrays;

/**
 * Follows the lists of common table expressions, one for each depth of parentheses: {@code WITH name (columns) AS (body),
 * …}. In such a list a name before a parenthesis is no function, and behind it stands what the statement really does.
 */
final class WithLists {

    /** Servers refuse far fewer levels of parentheses; here each costs some bytes. */
    private static final int DEEPEST = 1 << 17;

    /** Each name is compared with all of them. */
    private static final int MOST_EXPRESSIONS = 64;

    private enum State {
        NONE,
        /** A name comes next. */
        NAME,
        /** Behind a name, perhaps with its columns. */
        HEAD,
        /** Behind {@code AS}: the body comes next. */
        BODY,
        /** Behind a body: a comma and another name, or the statement. */
        TAIL,
        /** Behind a body and {@code SEARCH} or {@code CYCLE}: columns, then as behind a body. */
        TAIL_CLAUSE
    }

    private State[] states = {State.NONE};
    private int depth;
    private boolean recursive;
    private final ArrayList<Expression> expressions = new ArrayList<>();

    /** A table expression whose list stands at a depth, and which may be named from now on, or not yet. */
    private static final class Expression {

        private final String name;
        private final int depth;
        private boolean visible;

        Expression(String name, int depth, boolean visible) {
            this.name = name;
            this.depth = depth;
            this.visible = visible;
        }
    }

    void open() {
        State here = states[depth];
        if (here == State.BODY) {
            states[depth] = State.TAIL;
        } else if (here == State.TAIL) {
            states[depth] = State.NONE;
        }
        depth++;
        if (depth == states.length) {
            states = Arrays.copyOf(states, 2 * depth);
        }
        states[depth] = State.NONE;
    }

    /** Returns {@code false} if nothing is open. */
    boolean close() {
        if (depth == 0) {
            return false;
        }
        depth--;
        int last = expressions.size() - 1;
        while (last >= 0 && expressions.get(last).depth > depth) {
            expressions.remove(last--);
        }
        if (states[depth] == State.TAIL && last >= 0) {
            expressions.get(last).visible = true;
        }
        return true;
    }

    /** Returns whether no more may be opened. */
    boolean isFull() {
        return depth == DEEPEST;
    }

    boolean isBalanced() {
        return depth == 0;
    }

    void begin() {
        states[depth] = State.NAME;
        recursive = false;
    }

    void comma() {
        if (states[depth] == State.TAIL) {
            states[depth] = State.NAME;
        }
    }

    void as() {
        if (states[depth] == State.HEAD || states[depth] == State.TAIL_CLAUSE) {
            states[depth] = State.BODY;
        }
    }

    /** Returns whether a name of a table expression comes next. */
    boolean isNaming() {
        return states[depth] == State.NAME;
    }

    void recursive() {
        recursive = true;
    }

    /** Takes the name of a table expression; returns whether there is still room for it. */
    boolean name(String name) {
        states[depth] = State.HEAD;
        boolean room = expressions.size() < MOST_EXPRESSIONS;
        if (room) {
            expressions.add(new Expression(name, depth, recursive));
        }
        return room;
    }

    /** Returns whether a name is that of a table expression here. */
    boolean names(String name) {
        for (Expression expression : expressions) {
            if (expression.visible && expression.name.equals(name)) {
                return true;
            }
        }
        return false;
    }

    /** Takes a word with which the statement behind the list may begin; returns whether it does. */
    boolean statement() {
        if (states[depth] == State.NONE) {
            return false;
        }
        states[depth] = State.NONE;
        return true;
    }

    /** Returns whether a parenthesis here opens columns or a body, not the arguments of a function. */
    boolean isInHead() {
        return switch (states[depth]) {
            case HEAD, BODY, TAIL_CLAUSE -> true;
            case NONE, NAME, TAIL -> false;
        };
    }

    /** Takes the first word of a clause behind a body, whose commas separate columns as well as table expressions. */
    void tailClause() {
        states[depth] = State.TAIL_CLAUSE;
    }

    boolean isInTail() {
        return states[depth] == State.TAIL;
    }
}
