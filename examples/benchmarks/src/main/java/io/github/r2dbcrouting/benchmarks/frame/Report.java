package io.github.r2dbcrouting.benchmarks.frame;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a benchmark has found.
 *
 * @param table for the terminal
 * @param figures what is held against a limit, at least one
 * @param samples everything that was measured, as records
 * @param picture of the figures as SVG, or {@code null}
 */
public record Report(
        Table table,
        List<Figure> figures,
        List<? extends Record> samples,
        @Nullable String picture) {

    public Report {
        if (figures.isEmpty()) {
            throw new IllegalArgumentException("a benchmark without a figure shows nothing");
        }
        figures = List.copyOf(figures);
        samples = List.copyOf(samples);
    }

    /** Creates a report without a picture. */
    public Report(Table table, List<Figure> figures, List<? extends Record> samples) {
        this(table, figures, samples, null);
    }

    /** Returns the figure that is furthest from what it has to reach, and so decides. */
    public Figure worst() {
        return figures.stream().max(Figure.BEST_FIRST).orElseThrow();
    }
}
