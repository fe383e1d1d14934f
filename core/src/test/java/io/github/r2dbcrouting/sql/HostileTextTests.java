package io.github.r2dbcrouting.sql;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.github.r2dbcrouting.sql.StatementProfile.Access;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Texts that are made to cost time or memory: both must grow with their length and no faster. */
class HostileTextTests {

    private static final int SHORT = 1 << 13;
    private static final int TIMES = 16;

    /** Work that grew with the square of the length would be {@code TIMES} squared times as much. */
    private static final int MOST_TIMES_THE_WORK = 5 * TIMES;

    /** Nanoseconds within which a clock, a compiler or a collector may do anything. */
    private static final long HARDLY_MEASURABLE = 2_000_000;

    private static final int MOST_BYTES_FOR_A_CHARACTER = 400;

    private final ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @ParameterizedTest(name = "{0}")
    @MethodSource("shapes")
    void shouldTakeTimeAndMemoryInProportionToTheLength(Shape shape) {
        for (SqlDialect dialect : List.of(SqlDialect.POSTGRESQL, SqlDialect.MARIADB)) {
            SqlClassifier classifier = SqlClassifier.forDialect(dialect);
            String brief = shape.text(SHORT);
            String lengthy = shape.text(TIMES * SHORT);
            long little = Math.min(
                    work(classifier, brief).nanos(), work(classifier, brief).nanos());
            Work much = work(classifier, lengthy);
            assertThat(much.nanos())
                    .as("nanoseconds of %s in %s, against %d for a %dth of it", shape, dialect, little, TIMES)
                    .isLessThan(MOST_TIMES_THE_WORK * Math.max(little, HARDLY_MEASURABLE));
            assertThat(much.bytes() / lengthy.length())
                    .as("bytes for each character of %s in %s", shape, dialect)
                    .isLessThan(MOST_BYTES_FOR_A_CHARACTER);
        }
    }

    /** Measures the processor's time, which others who use the machine do not lengthen. */
    private Work work(SqlClassifier classifier, String text) {
        long id = Thread.currentThread().getId();
        long nanos = thread.getCurrentThreadCpuTime();
        long bytes = thread.getThreadAllocatedBytes(id);
        assertThat(classifier.classify(text)).isNotNull();
        return new Work(thread.getCurrentThreadCpuTime() - nanos, thread.getThreadAllocatedBytes(id) - bytes);
    }

    private record Work(long nanos, long bytes) {}

    static List<Shape> shapes() {
        List<Shape> shapes = new ArrayList<>();
        for (String unit : List.of(
                "(",
                ")",
                "()",
                "(select ",
                "f(",
                "/*",
                "/* x */ ",
                "/*+ x(y) */ ",
                "/*+ route: primary */ ",
                "-- x\n",
                "'",
                "''",
                "'a\\' ",
                "'\\'', ",
                "\"x\" ",
                "\"\\\"",
                "`a``",
                "E'\\'' ",
                "$$x$$ ",
                "$a$ $b$ ",
                "$a",
                "$",
                "\\",
                "@@x ",
                "@@x.",
                "@x ",
                "@'x' ",
                ":",
                "a",
                "a.",
                "a b ",
                "a, ",
                "1",
                "1 ",
                "0x",
                ";",
                "select 1;",
                "select ",
                "from t, ",
                "with x as ",
                "with x as (select 1) ",
                ", x as (select 1) ",
                "join t ",
                "insert ",
                "(delete from t) ",
                "explain ",
                "begin read only, ",
                "set x = ",
                "? ",
                "\uD800",
                "\uDC00\uD800",
                "é",
                "\n",
                "= ")) {
            shapes.add(new Shape("many " + unit, "", unit, false));
            shapes.add(new Shape("a query with many " + unit, "select * from t where x = ", unit, false));
            shapes.add(
                    new Shape("a list of table expressions with many " + unit, "with x as (select 1) ", unit, false));
        }
        for (String unit : List.of(
                "f%d(), ",
                "from t%d, ", ":p%d ", "$%d ", "$t%d$ ", "$t%d$ x $t%d$ ", ", x%d as (select * from x%d) ")) {
            shapes.add(new Shape("many different " + unit, "with x as (select 1) ", unit, true));
        }
        return shapes;
    }

    /** A text of any length: a start, and something that recurs, perhaps with its number in it. */
    record Shape(String name, String start, String unit, boolean numbered) {

        String text(int length) {
            StringBuilder text = new StringBuilder(start);
            for (int i = 0; text.length() < length; i++) {
                text.append(numbered ? unit.replace("%d", Integer.toString(i)) : unit);
            }
            return text.toString();
        }

        @Override
        public String toString() {
            return name.replace("\n", "⏎");
        }
    }

    @Test
    void shouldReadTenMebibytes() {
        String values = "(1, 'some text', $1, now()), ".repeat(10 * (1 << 20) / 29);
        for (SqlDialect dialect : SqlDialect.values()) {
            SqlClassifier classifier = SqlClassifier.forDialect(dialect);
            String parameter = dialect == SqlDialect.POSTGRESQL ? "$1" : "?";
            StatementProfile insert =
                    classifier.classify("insert into t (a, b, c, d) values " + values.replace("$1", parameter));
            assertThat(insert.access()).isEqualTo(Access.WRITE);
            assertThat(insert.tables().written()).containsExactly("t");
            assertThat(insert.placeholders()).isEqualTo(dialect == SqlDialect.POSTGRESQL ? 1 : 65_535);
            assertThat(classifier
                            .classify("select 1 /* " + "x".repeat(10 << 20) + " */")
                            .isRead())
                    .isTrue();
            assertThat(classifier
                            .classify("select '" + "x".repeat(10 << 20) + "'")
                            .isRead())
                    .isTrue();
        }
    }

    @Test
    void shouldNotReadWhatIsLongerThanAnybodyWrites() {
        SqlClassifier classifier = SqlClassifier.forDialect(SqlDialect.POSTGRESQL);
        String longest = " ".repeat(LexingClassifier.LONGEST_TEXT - 8) + "select 1";
        assertThat(classifier.classify(longest).isRead()).isTrue();
        StatementProfile longer = classifier.classify(longest + " ");
        assertThat(longer.access()).isEqualTo(Access.UNKNOWN);
        assertThat(longer.altersSession()).isTrue();
        assertThat(longer.reason()).isEqualTo("longer than 16777216 characters");
    }

    @Test
    void shouldFollowAHundredThousandParenthesesAndCommentsWithinEachOther() {
        String nested = "(".repeat(100_000) + "select 1" + ")".repeat(100_000);
        String comments = "/*".repeat(100_000) + "*/".repeat(100_000) + " select 1";
        for (SqlDialect dialect : SqlDialect.values()) {
            SqlClassifier classifier = SqlClassifier.forDialect(dialect);
            assertThat(classifier.classify(nested).isRead()).isTrue();
            assertThat(classifier.classify("select * from " + nested + " x").isRead())
                    .isTrue();
            assertThat(classifier.classify(comments).isRead()).isEqualTo(dialect == SqlDialect.POSTGRESQL);
        }
    }

    @Test
    void shouldNotFollowMoreParenthesesThanItHasMemoryFor() {
        for (int depth : new int[] {1 << 17, (1 << 17) + 1}) {
            for (String start : List.of("", "select * from ")) {
                String text = start + "(".repeat(depth) + "select 1" + ")".repeat(depth);
                StatementProfile profile =
                        SqlClassifier.forDialect(SqlDialect.POSTGRESQL).classify(text);
                assertThat(profile.isRead()).isEqualTo(depth == 1 << 17);
                assertThat(profile.altersSession()).isEqualTo(depth > 1 << 17);
            }
        }
    }

    @Test
    void shouldTakeHalvesOfCharactersForLetters() {
        IntStream.rangeClosed(Character.MIN_SURROGATE, Character.MAX_SURROGATE).forEach(half -> {
            String text = "select a" + (char) half + " from t" + (char) half + ", u where x = '" + (char) half + "'";
            StatementProfile profile =
                    SqlClassifier.forDialect(SqlDialect.POSTGRESQL).classify(text);
            assertThat(profile.isRead()).isTrue();
            assertThat(profile.tables().read()).containsExactlyInAnyOrder("t" + (char) half, "u");
        });
    }
}
