package io.github.r2dbcrouting.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.sql.StatementGenerator.Generated;
import io.github.r2dbcrouting.sql.StatementProfile.Access;
import io.github.r2dbcrouting.sql.StatementProfile.Tables;
import io.github.r2dbcrouting.sql.StatementProfile.Traits;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Classifies texts that are made up, each from the seed that a failure names: {@code -Dfuzz.inputs=…} says how many of
 * each kind.
 */
class ClassificationFuzzTests {

    private static final int INPUTS = Integer.getInteger("fuzz.inputs", 20_000);

    private static final List<SqlClassifier> CLASSIFIERS =
            Arrays.stream(SqlDialect.values()).map(SqlClassifier::forDialect).toList();

    private static final List<String> BLANKS = List.of(
            " ",
            "\n",
            "\t",
            " \r\n ",
            "\f",
            " /* for update */ ",
            "/**/",
            " -- ; delete from t\n",
            " /* ' \" */ ",
            "  ");

    @Test
    void shouldJudgeStatementsByWhatWasPutIntoThem() {
        int reads = 0;
        for (long seed = 0; seed < INPUTS; seed++) {
            SqlDialect dialect = dialect(seed);
            Generated statement = StatementGenerator.statement(dialect, seed);
            String sql = String.join(" ", statement.tokens());
            StatementProfile profile = classify(dialect, sql);
            Input input = new Input(seed, dialect, sql);
            assertThat(profile.isRead()).as(input::toString).isEqualTo(statement.read());
            if (statement.read()) {
                reads++;
                assertThat(profile.tables())
                        .as(input::toString)
                        .isEqualTo(new Tables(statement.tables(), Set.of(), true));
            }
        }
        report(INPUTS + " statements made up by a grammar, " + reads + " of them reads");
        assertThat(reads).isBetween(INPUTS / 4, 3 * INPUTS / 4);
    }

    @Test
    void shouldNotBeMovedByBlanksCommentsAndTheCaseOfLetters() {
        for (long seed = 0; seed < INPUTS; seed++) {
            SqlDialect dialect = dialect(seed);
            List<String> tokens = StatementGenerator.statement(dialect, seed).tokens();
            String plain = String.join(" ", tokens);
            String dressed = dressed(tokens, new Random(seed));
            assertThat(essence(classify(dialect, dressed)))
                    .as(new Input(seed, dialect, dressed)::toString)
                    .isEqualTo(essence(classify(dialect, plain)));
        }
        report(INPUTS + " statements dressed in other blanks, comments and letters");
    }

    @Test
    void shouldNeverFailOnNoise() {
        for (long seed = 0; seed < INPUTS; seed++) {
            SqlDialect dialect = dialect(seed);
            Random random = new Random(seed);
            String text = noise(random, dialect);
            StatementProfile profile = classify(dialect, text);
            Input input = new Input(seed, dialect, text);
            assertThat(profile.reason()).as(input::toString).isNotBlank();
            if (profile.access() == Access.READ) {
                assertThat(profile.traits()).as(input::toString).isEqualTo(Traits.NONE);
            }
        }
        report(INPUTS + " texts of noise");
    }

    private record Input(long seed, SqlDialect dialect, String sql) {}

    /** Returns bytes taken for characters, characters of all kinds, or a statement of which some were changed. */
    private static String noise(Random random, SqlDialect dialect) {
        return switch (random.nextInt(4)) {
            case 0 -> {
                byte[] bytes = new byte[random.nextInt(200)];
                random.nextBytes(bytes);
                yield new String(bytes, StandardCharsets.UTF_8);
            }
            case 1 -> {
                char[] halves = new char[random.nextInt(100)];
                for (int i = 0; i < halves.length; i++) {
                    halves[i] = (char) random.nextInt(Character.MAX_VALUE + 1);
                }
                yield new String(halves);
            }
            case 2 -> {
                char[] ascii = new char[random.nextInt(300)];
                for (int i = 0; i < ascii.length; i++) {
                    ascii[i] = "()'\"`$\\/*-#;,.:@?=! \n\0abeEuU1x".charAt(random.nextInt(30));
                }
                yield "select " + new String(ascii);
            }
            default -> {
                List<String> tokens =
                        StatementGenerator.statement(dialect, random.nextLong()).tokens();
                StringBuilder text = new StringBuilder(String.join(" ", tokens));
                for (int i = random.nextInt(5); i >= 0; i--) {
                    int at = random.nextInt(text.length());
                    if (random.nextBoolean()) {
                        text.setCharAt(at, (char) random.nextInt(0x80));
                    } else {
                        text.deleteCharAt(at).append(' ');
                    }
                }
                yield text.toString();
            }
        };
    }

    private static String dressed(List<String> tokens, Random random) {
        StringBuilder text = new StringBuilder(blank(random));
        for (String token : tokens) {
            boolean word = Character.isLetter(token.charAt(0)) && token.indexOf('\'') < 0;
            text.append(word ? otherCase(token, random) : token).append(blank(random));
        }
        return text.toString();
    }

    private static String otherCase(String word, Random random) {
        return switch (random.nextInt(3)) {
            case 0 -> word.toUpperCase(Locale.ROOT);
            case 1 -> Character.toUpperCase(word.charAt(0)) + word.substring(1);
            default -> word;
        };
    }

    private static String blank(Random random) {
        return BLANKS.get(random.nextInt(BLANKS.size()));
    }

    /** The reason quotes the text as it is written. */
    private static List<Object> essence(StatementProfile profile) {
        return List.of(
                profile.access(),
                profile.traits(),
                profile.tables(),
                profile.placeholders(),
                profile.unknownFunctions());
    }

    private static StatementProfile classify(SqlDialect dialect, String sql) {
        return CLASSIFIERS.get(dialect.ordinal()).classify(sql);
    }

    private static SqlDialect dialect(long seed) {
        return SqlDialect.values()[(int) (seed % 3)];
    }

    private static void report(String what) {
        System.out.println("fuzz: " + what);
    }
}
