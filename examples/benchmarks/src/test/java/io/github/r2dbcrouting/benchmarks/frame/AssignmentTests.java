package io.github.r2dbcrouting.benchmarks.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.r2dbcrouting.benchmarks.load.Database;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AssignmentTests {

    private final Benchmark stored = new FixedBenchmark("stored", List.of(Database.POSTGRESQL, Database.MARIADB), 1);
    private final Benchmark single = new FixedBenchmark("single", List.of(Database.MARIADB), 1);
    private final Benchmark pure = new FixedBenchmark("pure", List.of(), 1);

    @Test
    void shouldTakeTheUsualDatabaseUnlessToldOtherwise() {
        assertThat(parse("stored")).isEqualTo(new Assignment(stored, Length.USUAL, Database.POSTGRESQL));
        assertThat(parse("pure")).isEqualTo(new Assignment(pure, Length.USUAL, null));
    }

    @Test
    void shouldTakeItsWordsInAnyOrder() {
        Assignment wanted = new Assignment(stored, Length.QUICK, Database.MARIADB);
        assertThat(parse("stored", "--quick", "--database", "mariadb")).isEqualTo(wanted);
        assertThat(parse("--database", "mariadb", "--quick", "stored")).isEqualTo(wanted);
    }

    @ParameterizedTest
    @CsvSource({
        "'', name a benchmark",
        "other, no benchmark is called 'other'",
        "stored --quickly, unknown argument '--quickly'",
        "stored pure, unknown argument 'pure'",
        "stored --database, 'no database is called ''''; use one of [postgresql, mariadb]'",
        "stored --database oracle, 'no database is called ''oracle''; use one of [postgresql, mariadb]'",
        "single --database postgresql, single does not run on postgresql; it runs on [mariadb]",
        "pure --database mariadb, pure runs without a database; leave --database out",
    })
    void shouldSayWhatMakesNoSense(String line, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parse(line.isEmpty() ? new String[0] : line.split(" ", -1)))
                .withMessage(message);
    }

    private Assignment parse(String... arguments) {
        return Assignment.parse(List.of(stored, single, pure), arguments);
    }
}
