package io.github.r2dbcrouting.sql;

import java.util.Arrays;

/**
 * Follows the lists of common table expressions, one for each depth of parentheses: {@code WITH name (columns) AS (body),
 * …}. In such a list a name before a parenthesis is no function, and behind it stands what the statement really does.
 */
final class WithLists {

    private enum State {
        NONE,
        /** A name comes next. */
        NAME,
        /** Behind a name, perhaps with its columns. */
        HEAD,
        /** Behind {@code AS}: the body comes next. */
        BODY,
        /** Behind a body: a comma and another name, or the statement. */
        TAIL
    }

    private State[] states = {State.NONE};
    private int depth;

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
        return true;
    }

    boolean isBalanced() {
        return depth == 0;
    }

    void begin() {
        states[depth] = State.NAME;
    }

    void comma() {
        if (states[depth] == State.TAIL) {
            states[depth] = State.NAME;
        }
    }

    void as() {
        if (states[depth] == State.HEAD) {
            states[depth] = State.BODY;
        }
    }

    /** Takes a name; returns whether it names a table expression. */
    boolean name() {
        if (states[depth] == State.NAME) {
            states[depth] = State.HEAD;
            return true;
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
        return states[depth] == State.HEAD || states[depth] == State.BODY;
    }

    boolean isInTail() {
        return states[depth] == State.TAIL;
    }
}
