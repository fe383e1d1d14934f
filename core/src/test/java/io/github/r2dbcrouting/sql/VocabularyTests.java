package io.github.r2dbcrouting.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.sql.Word.Keyword;
import io.github.r2dbcrouting.sql.Word.Position;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class VocabularyTests {

    @Test
    void shouldKnowOfAWordWhateverItsListsSay() {
        Vocabulary vocabulary = new Vocabulary.Builder()
                .verbs(Verb.CHANGE, "put")
                .functions(Effect.WRITES, " put  take ")
                .positions(Position.PREFIX, "put\nof")
                .keywords(Keyword.ROUTINE, "job")
                .build();
        assertThat(word(vocabulary, "put"))
                .isEqualTo(new Word(Verb.CHANGE, Effect.WRITES, Position.PREFIX, Keyword.NONE));
        assertThat(word(vocabulary, "take").effect()).isEqualTo(Effect.WRITES);
        assertThat(word(vocabulary, "of").position()).isEqualTo(Position.PREFIX);
        assertThat(word(vocabulary, "JOB").keyword()).isEqualTo(Keyword.ROUTINE);
        assertThat(word(vocabulary, "select").keyword()).isEqualTo(Keyword.SELECT);
        assertThat(word(vocabulary, "routine")).isEqualTo(Word.NAME);
    }

    /** So many that several want the same place. */
    @Test
    void shouldFindEachOfManyWords() {
        String list = IntStream.range(0, 2_000).mapToObj(number -> "w" + number).collect(Collectors.joining(" "));
        Vocabulary vocabulary =
                new Vocabulary.Builder().functions(Effect.WRITES, list).build();
        for (int number = 0; number < 2_000; number++) {
            assertThat(word(vocabulary, "W" + number).effect())
                    .as("w%d", number)
                    .isEqualTo(Effect.WRITES);
            assertThat(word(vocabulary, "w" + number + "w")).isEqualTo(Word.NAME);
        }
    }

    private static Word word(Vocabulary vocabulary, String text) {
        char[] sql = ("<" + text + ">").toCharArray();
        return vocabulary.word(sql, 1, sql.length - 1);
    }
}
