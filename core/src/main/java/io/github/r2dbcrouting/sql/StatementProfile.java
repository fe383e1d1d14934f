package io.github.r2dbcrouting.sql;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a statement does, as far as its text tells.
 *
 * @param access whether it reads or writes
 * @param reason why {@code access} is what it is, in a few words
 * @param traits what else is to be known of it
 * @param tables the tables that it names
 * @param placeholders how many different parameters it has
 * @param unknownFunctions the functions that it calls of which nothing is known, in lower case unless quoted; at most a few
 * @param comment what a comment in it asks of the routing, or {@code null}
 */
public record StatementProfile(
        Access access,
        String reason,
        Traits traits,
        Tables tables,
        int placeholders,
        Set<String> unknownFunctions,
        @Nullable RoutingComment comment) {

    private static final Traits CONTROLLING =
            Traits.of(Trait.BEGINS, Trait.BEGINS_READ_ONLY, Trait.ENDS, Trait.CONTROLS);

    /** Whether a statement reads or writes. */
    public enum Access {
        /** Surely reads only: a replica may run it. */
        READ,
        /** Surely writes, locks or controls a transaction. */
        WRITE,
        /** Not surely a read, so only the primary may run it. */
        UNKNOWN
    }

    /** What else is to be known of a statement. */
    public enum Trait {
        /** It begins a transaction that may write, or that may be told so later. In MySQL it commits one that is open. */
        BEGINS,
        /** It begins a transaction that it declares read-only. In MySQL it commits one that is open. */
        BEGINS_READ_ONLY,
        /**
         * It ends a transaction if one is open, and begins another one if it also {@link #BEGINS}. In MySQL a change of the
         * schema commits, and so do {@code TRUNCATE}, {@code GRANT}, {@code LOCK TABLES} and their like.
         */
        ENDS,
        /** It controls a transaction in another way: a savepoint, its mode, a prepared transaction, autocommit, XA. */
        CONTROLS,
        /**
         * It may leave something behind in the session that a later borrower of the same connection would see: settings,
         * temporary tables, prepared statements, listeners, locks.
         */
        ALTERS_SESSION,
        /** It locks rows, tables or something else. */
        LOCKS,
        /** It changes the schema, so that what is known of functions may be out of date. */
        CHANGES_SCHEMA,
        /** The text holds several statements. */
        SEVERAL,
        /** It may have commits acknowledged before they are flushed, in its session or in its transaction only; in PostgreSQL. */
        RELAXES_COMMITS
    }

    /**
     * A set of traits.
     *
     * @param bits one bit for each trait, since what every statement is asked for should cost no look-up
     */
    public record Traits(int bits) {

        /** No trait. */
        public static final Traits NONE = new Traits(0);

        /** Returns a set of traits. */
        public static Traits of(Trait... traits) {
            int bits = 0;
            for (Trait trait : traits) {
                bits |= bit(trait);
            }
            return new Traits(bits);
        }

        /** Returns whether a trait is among these. */
        public boolean has(Trait trait) {
            return (bits & bit(trait)) != 0;
        }

        /** Returns these traits and those. */
        public Traits and(Traits those) {
            return new Traits(bits | those.bits);
        }

        private static int bit(Trait trait) {
            return 1 << trait.ordinal();
        }

        @Override
        public String toString() {
            return Arrays.stream(Trait.values()).filter(this::has).toList().toString();
        }
    }

    /**
     * The tables that a statement names, without quotes; in lower case where the server does not tell cases apart, in MySQL
     * always; with their schema if the text gives it. Names of table expressions are not among them, views are. What
     * built-in functions, triggers, rules, views and foreign keys read and change is in no text.
     *
     * @param read the tables that it reads
     * @param written the tables that it changes
     * @param known whether these are all: {@code false} where the text does not show them
     */
    public record Tables(Set<String> read, Set<String> written, boolean known) {

        /** No table is known. */
        public static final Tables UNKNOWN = new Tables(Set.of(), Set.of(), false);

        /** No table is named. */
        public static final Tables NONE = new Tables(Set.of(), Set.of(), true);

        public Tables {
            read = Set.copyOf(read);
            written = Set.copyOf(written);
        }

        /** Returns these tables and those. */
        public Tables and(Tables those) {
            if (known && read.isEmpty() && written.isEmpty()) {
                return those;
            }
            return new Tables(union(read, those.read), union(written, those.written), known && those.known);
        }

        private static Set<String> union(Set<String> some, Set<String> others) {
            Set<String> all = new HashSet<>(some);
            all.addAll(others);
            return all;
        }
    }

    public StatementProfile {
        unknownFunctions = Set.copyOf(unknownFunctions);
    }

    /** Returns a profile of which no more is known than its access and its traits. */
    public static StatementProfile of(Access access, String reason, Traits traits) {
        return new StatementProfile(access, reason, traits, Tables.UNKNOWN, 0, Set.of(), null);
    }

    /** Returns the same profile with what the comments ask of the routing. */
    public StatementProfile with(@Nullable RoutingComment asked) {
        return new StatementProfile(access, reason, traits, tables, placeholders, unknownFunctions, asked);
    }

    /** Returns the profile of the same text once a read-only server has refused to run it. */
    StatementProfile refused() {
        return new StatementProfile(
                Access.WRITE,
                "refused by a read-only server",
                traits.and(Traits.of(Trait.ALTERS_SESSION)),
                tables,
                placeholders,
                Set.of(),
                comment);
    }

    /**
     * Returns what can be said of a text that is this or that, depending on what is not known: unknown if they differ, with
     * the traits, tables and functions of both.
     */
    StatementProfile or(StatementProfile that) {
        if (equals(that)) {
            return this;
        }
        boolean same = access == that.access;
        String worse = access == Access.READ ? that.reason : reason;
        return new StatementProfile(
                same ? access : Access.UNKNOWN,
                same ? reason : "depends on a setting of the server: " + worse,
                traits.and(that.traits),
                tables.and(that.tables),
                Math.max(placeholders, that.placeholders),
                Tables.union(unknownFunctions, that.unknownFunctions),
                comment);
    }

    /** Returns whether a replica may run the statement. */
    public boolean isRead() {
        return access == Access.READ;
    }

    /** Returns whether it begins or ends a transaction or a savepoint, or says what transactions are like. */
    public boolean controlsTransaction() {
        return (traits.bits() & CONTROLLING.bits()) != 0;
    }

    /** Returns whether it may leave something behind in the session that a later borrower of the same connection would see. */
    public boolean altersSession() {
        return has(Trait.ALTERS_SESSION);
    }

    /** Returns whether it has a trait. */
    public boolean has(Trait trait) {
        return traits.has(trait);
    }
}
