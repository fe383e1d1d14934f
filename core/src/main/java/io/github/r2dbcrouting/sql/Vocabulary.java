package io.github.r2dbcrouting.sql;

import io.github.r2dbcrouting.sql.Word.Keyword;
import io.github.r2dbcrouting.sql.Word.Position;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * The words of a dialect. A word is found by its place in the text, without copying it: the table is an open hash over
 * lower-case ASCII, which is what the servers fold keywords by.
 */
final class Vocabulary {

    private final char[][] texts;
    private final Word[] words;
    private final int mask;

    private Vocabulary(Map<String, Word> entries) {
        int size = Integer.highestOneBit(entries.size()) << 2;
        texts = new char[size][];
        words = new Word[size];
        mask = size - 1;
        entries.forEach((text, word) -> {
            int slot = slot(hash(text.toCharArray(), 0, text.length()));
            while (words[slot] != null) {
                slot = (slot + 1) & mask;
            }
            texts[slot] = text.toCharArray();
            words[slot] = word;
        });
    }

    /** Returns the words of a dialect, shared. */
    static Vocabulary of(SqlDialect dialect) {
        return dialect == SqlDialect.POSTGRESQL ? PostgresqlWords.VOCABULARY : MysqlWords.VOCABULARY;
    }

    /** Returns what is known of the word that stands in the text from {@code start} to {@code end}, exclusive. */
    Word word(char[] sql, int start, int end) {
        return word(sql, start, end, hash(sql, start, end));
    }

    /**
     * Returns what is known of a word.
     *
     * @param hash of its characters, from {@link #hash(int, char)}
     */
    Word word(char[] sql, int start, int end, int hash) {
        int slot = slot(hash);
        while (words[slot] != null) {
            if (matches(texts[slot], sql, start, end)) {
                return words[slot];
            }
            slot = (slot + 1) & mask;
        }
        return Word.NAME;
    }

    /** Returns the hash of a word with one more character, whose case does not count. */
    static int hash(int before, char c) {
        return 31 * before + (c | 0x20);
    }

    private int slot(int hash) {
        return (hash ^ (hash >>> 15)) & mask;
    }

    private static int hash(char[] text, int start, int end) {
        int hash = 0;
        for (int i = start; i < end; i++) {
            hash = hash(hash, text[i]);
        }
        return hash;
    }

    private static boolean matches(char[] word, char[] sql, int start, int end) {
        if (word.length != end - start) {
            return false;
        }
        for (int i = 0; i < word.length; i++) {
            if (word[i] != Letters.lower(sql[start + i])) {
                return false;
            }
        }
        return true;
    }

    /** Collects words from lists that are separated by white space. */
    static final class Builder {

        private final Map<String, Word> entries = new HashMap<>();

        Builder() {
            // Every other keyword is the word that it is named after.
            EnumSet<Keyword> groups =
                    EnumSet.of(Keyword.NONE, Keyword.CLAUSE, Keyword.DIAGNOSTICS, Keyword.MODIFIER, Keyword.ROUTINE);
            for (Keyword keyword : EnumSet.complementOf(groups)) {
                keywords(keyword, keyword.name().toLowerCase(Locale.ROOT));
            }
        }

        Builder keywords(Keyword keyword, String list) {
            return add(list, word -> word.with(keyword));
        }

        Builder verbs(Verb verb, String list) {
            return add(list, word -> word.with(verb));
        }

        Builder positions(Position position, String list) {
            return add(list, word -> word.with(position));
        }

        Builder functions(Effect effect, String list) {
            return add(list, word -> word.with(effect));
        }

        private Builder add(String list, UnaryOperator<Word> change) {
            for (String text : list.strip().split("\\s+")) {
                entries.put(text, change.apply(entries.getOrDefault(text, Word.NAME)));
            }
            return this;
        }

        Vocabulary build() {
            return new Vocabulary(entries);
        }
    }
}
