package io.github.r2dbcrouting.benchmarks.frame;

import java.util.Comparator;
import java.util.List;

/**
 * A measured figure, held against what it has to reach.
 *
 * @param name what was measured
 * @param reach what it has to reach
 * @param estimate the figure itself
 * @param verdict whether it does
 * @param samples what the estimate was made from, in the order of measuring
 */
public record Figure(String name, Reach reach, Estimate estimate, Verdict verdict, List<Double> samples) {

    /** Sorts the best first: by verdict, then by how far the figure is from its limit, relative to that. */
    static final Comparator<Figure> BEST_FIRST = Comparator.comparing(Figure::verdict)
            .thenComparing(Comparator.comparingDouble(Figure::relativeMargin).reversed());

    public Figure {
        samples = List.copyOf(samples);
    }

    public static Figure of(String name, Reach reach, Samples samples) {
        Estimate estimate = samples.estimate();
        return new Figure(name, reach, estimate, reach.verdict(estimate), samples.inOrder());
    }

    private double relativeMargin() {
        double margin = reach.margin(estimate.value());
        if (reach.limit() == 0) {
            return margin < 0 ? Double.NEGATIVE_INFINITY : 1;
        }
        return margin / reach.limit();
    }

    /** Returns the figure with its interval, what it is, and in parentheses what it has to reach and whether it does. */
    @Override
    public String toString() {
        return Numbers.plain(estimate.value()) + reach.unitSuffix() + " " + Numbers.interval(estimate) + " " + name
                + " (" + reach + ": " + verdict + ")";
    }
}
