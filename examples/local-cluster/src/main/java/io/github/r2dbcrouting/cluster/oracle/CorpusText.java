package io.github.r2dbcrouting.cluster.oracle;

/**
 * A statement, and what its corpus says of it.
 *
 * @param sql its text
 * @param mark what its corpus says
 * @param reason why it says so; empty without a mark
 */
public record CorpusText(String sql, Mark mark, String reason) {

    /** What a corpus says of a text beforehand. The server decides on every text that it understands. */
    public enum Mark {
        /** Nothing: the server runs it read-only, and so it is a read, or refuses it. */
        NONE(""),
        /** It runs read-only and is no read all the same: it leaves or takes something, or speaks of its session. */
        EFFECT("@ effect: "),
        /** It is a read for which we go to the primary. */
        PRIMARY("@ primary: "),
        /**
         * It looks like a read, and the server refuses it for what its text does not show: what stands behind a view, an
         * operator or a cast. The routing learns that from the refusal.
         */
        HIDDEN("@ hidden: "),
        /** No server runs it in the corpus's transactions, for another reason than that they are read-only. */
        FAILS("@ fails: "),
        /** Like {@link #FAILS}, but where it runs it would be a read. */
        FAILING_READ("@ failing read: "),
        /** Only MySQL understands it, and there it is a read. */
        MYSQL_READ("@ mysql read"),
        /** Only MySQL understands it, and there it is no read. */
        MYSQL_CHANGE("@ mysql change");

        private final String prefix;

        Mark(String prefix) {
            this.prefix = prefix;
        }

        String prefix() {
            return prefix;
        }

        /** Returns whether only MySQL, of which there is no server here, understands such a text. */
        public boolean isForMysqlOnly() {
            return this == MYSQL_READ || this == MYSQL_CHANGE;
        }
    }

    @Override
    public String toString() {
        return sql;
    }
}
