package io.github.r2dbcrouting.benchmarks;

import io.github.r2dbcrouting.benchmarks.frame.Assignment;
import io.github.r2dbcrouting.benchmarks.frame.Figure;
import io.github.r2dbcrouting.benchmarks.frame.Length;
import io.github.r2dbcrouting.benchmarks.frame.Report;
import io.github.r2dbcrouting.benchmarks.frame.Verdict;
import io.github.r2dbcrouting.benchmarks.load.Database;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a results file holds.
 *
 * @param benchmark the benchmark's name
 * @param description what it measures
 * @param database what it ran on, or {@code "none"}
 * @param length how much was measured
 * @param startedAt when it began
 * @param machine what it ran on
 * @param verdict that of the worst figure
 * @param figures what was held against a limit
 * @param table what was printed, the heading first
 * @param samples everything that was measured
 */
record ResultsFile(
        String benchmark,
        String description,
        String database,
        Length length,
        String startedAt,
        Machine machine,
        Verdict verdict,
        List<Figure> figures,
        List<List<String>> table,
        List<? extends Record> samples) {

    private static final JsonMapper MAPPER =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    static ResultsFile of(Assignment assignment, Instant startedAt, Machine machine, Report report) {
        Database database = assignment.database();
        return new ResultsFile(
                assignment.benchmark().name(),
                assignment.benchmark().description(),
                database == null ? "none" : database.toString(),
                assignment.length(),
                startedAt.toString(),
                machine,
                report.worst().verdict(),
                report.figures(),
                report.table().rows(),
                report.samples());
    }

    /** Writes {@code NAME.json}, over what was there. */
    Path writeTo(Path directory) {
        Path file = directory.resolve(benchmark + ".json");
        MAPPER.writeValue(file, this);
        return file;
    }

    /** Writes {@code NAME.svg}, over what was there. */
    static Path draw(String picture, Assignment assignment, Path directory) {
        Path file = directory.resolve(assignment.benchmark().name() + ".svg");
        try {
            return Files.writeString(file, picture);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
