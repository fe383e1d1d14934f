package io.github.r2dbcrouting.benchmarks.routing;

import io.github.r2dbcrouting.benchmarks.frame.Figure;
import io.github.r2dbcrouting.benchmarks.frame.Numbers;
import io.github.r2dbcrouting.benchmarks.frame.Reach;
import io.github.r2dbcrouting.benchmarks.frame.Report;
import io.github.r2dbcrouting.benchmarks.frame.Samples;
import io.github.r2dbcrouting.benchmarks.frame.Table;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Holds the slowest reads of the variants against each other, round by round. */
final class TailReport {

    private static final Reach AS_WITHOUT = Reach.atMost(1.5, "");
    private static final Reach BETTER = Reach.atLeast(5, "");

    private final List<TailTurn> turns;

    TailReport(List<TailTurn> turns) {
        this.turns = List.copyOf(turns);
    }

    Report finish() {
        Table table = new Table(
                "variant",
                "reads",
                "p50 ms",
                "p99 ms",
                "95 % interval",
                "slowest ms",
                "on the slow one %",
                "times none slow",
                "10-90 %");
        for (TailVariant variant : TailVariant.values()) {
            List<TailTurn> of = of(variant);
            Samples p99 = Samples.of(of, TailTurn::p99);
            Samples times = ofHealthy(variant);
            double reads = of.stream().mapToInt(TailTurn::reads).sum();
            double onSlow = of.stream().mapToInt(TailTurn::onSlow).sum();
            table.add(
                    variant.toString(),
                    Numbers.plain(reads),
                    Numbers.plain(Samples.of(of, TailTurn::p50).median()),
                    Numbers.plain(p99.median()),
                    Numbers.interval(p99.estimate()),
                    Numbers.plain(Samples.of(of, TailTurn::slowest).quantile(1)),
                    Numbers.plain(100 * onSlow / reads),
                    Numbers.ratio(times.median()),
                    Numbers.range(times.quantile(0.1), times.quantile(0.9)));
        }
        List<Figure> figures = List.of(
                Figure.of("p99 with a slow replica, times that without", AS_WITHOUT, ofHealthy(TailVariant.SLOW)),
                Figure.of("p99 in turn, times that of adaptive", BETTER, inTurn()));
        return new Report(table, figures, turns);
    }

    /** Returns a variant's p99 by that of the rounds' turns without a slow replica; that of the control by the other one. */
    Samples ofHealthy(TailVariant variant) {
        boolean control = variant == TailVariant.HEALTHY || variant == TailVariant.HEALTHY_AGAIN;
        return ratio(
                variant,
                round -> control
                        ? p99(variant == TailVariant.HEALTHY ? TailVariant.HEALTHY_AGAIN : TailVariant.HEALTHY, round)
                        : (p99(TailVariant.HEALTHY, round) + p99(TailVariant.HEALTHY_AGAIN, round)) / 2);
    }

    Samples inTurn() {
        return ratio(TailVariant.IN_TURN, round -> p99(TailVariant.SLOW, round));
    }

    private Samples ratio(TailVariant variant, ToDoubleFunction<Integer> reference) {
        return Samples.of(of(variant), turn -> turn.p99() / reference.applyAsDouble(turn.round()));
    }

    private double p99(TailVariant variant, int round) {
        return of(variant).stream()
                .filter(turn -> turn.round() == round)
                .mapToDouble(TailTurn::p99)
                .findFirst()
                .orElseThrow();
    }

    private List<TailTurn> of(TailVariant variant) {
        return turns.stream().filter(turn -> turn.variant() == variant).toList();
    }
}
