package io.github.r2dbcrouting.sql;

/** The kinds of tokens that classification tells apart. */
enum Token {
    /** An unquoted identifier or keyword. */
    WORD,
    /** A quoted identifier. */
    QUOTED_NAME,
    STRING,
    NUMBER,
    /** A placeholder for a bound value. */
    PARAMETER,
    /** A user variable of MySQL: {@code @x}. */
    USER_VARIABLE,
    /** A system variable of MySQL: {@code @@x}, {@code @@global.x}. */
    SYSTEM_VARIABLE,
    /** {@code :=} in MySQL. */
    ASSIGNMENT,
    /** {@code ::} in PostgreSQL. */
    CAST,
    LEFT_PARENTHESIS,
    RIGHT_PARENTHESIS,
    RIGHT_BRACKET,
    COMMA,
    DOT,
    /** Any other single character. */
    SYMBOL,
    /** The end of one of several statements. */
    SEMICOLON,
    /** The end of the text. */
    END,
    /** Something that cannot be read, or that settings of the server give one meaning or another; the text ends here. */
    UNREADABLE;

    /** Returns whether a statement goes no further. */
    boolean endsStatement() {
        return this == SEMICOLON || this == END || this == UNREADABLE;
    }

    /** Returns whether the token can name something. */
    boolean isName() {
        return this == WORD || this == QUOTED_NAME;
    }

    /** Returns whether an operand may end with this token, so that an operator or a clause follows. */
    boolean endsOperand() {
        return switch (this) {
            case QUOTED_NAME,
                    STRING,
                    NUMBER,
                    PARAMETER,
                    USER_VARIABLE,
                    SYSTEM_VARIABLE,
                    RIGHT_PARENTHESIS,
                    RIGHT_BRACKET -> true;
            default -> false;
        };
    }
}
