package io.github.r2dbcrouting.benchmarks.overhead;

import io.github.r2dbcrouting.benchmarks.frame.Estimate;
import io.github.r2dbcrouting.benchmarks.frame.Figure;
import io.github.r2dbcrouting.benchmarks.frame.Numbers;
import io.github.r2dbcrouting.benchmarks.frame.Reach;
import io.github.r2dbcrouting.benchmarks.frame.Report;
import io.github.r2dbcrouting.benchmarks.frame.Samples;
import io.github.r2dbcrouting.benchmarks.frame.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Compares the contenders round by round: what disturbs the machine for longer than a round disturbs all of them, and leaves
 * their ratio alone. Ratios are turned so that more than 1 means that the router is better; the reference is the mean of its
 * two turns.
 */
final class OverheadReport {

    private static final Reach REACH = Reach.atLeast(0.97, "");

    private final Table table = new Table(
            "form",
            "readers",
            "measure",
            "direct",
            "routed",
            "ratio",
            "95 % interval",
            "A/A",
            "A/A 10-90 %",
            "verdict");
    private final List<Figure> figures = new ArrayList<>();
    private final List<OverheadTurn> turns = new ArrayList<>();

    /** Adds all turns at one cell. */
    void add(OverheadCell cell, List<OverheadTurn> ofCell) {
        turns.addAll(ofCell);
        Comparison throughput = new Comparison(ofCell, OverheadTurn::statementsPerSecond, true);
        Comparison cpu = new Comparison(ofCell, OverheadTurn::cpuMicrosPerStatement, false);
        Comparison allocation = new Comparison(ofCell, OverheadTurn::bytesPerStatement, false);
        addFigure(cell, "statements/s", throughput);
        addFigure(cell, "CPU us/statement", cpu);
        addRow(cell, "bytes/statement", allocation, "no reach");
    }

    private void addFigure(OverheadCell cell, String measure, Comparison comparison) {
        String name = measure + " in the " + cell.form() + " form with " + cell.readers() + " concurrent";
        Figure figure = Figure.of(name, REACH, comparison.ratio());
        figures.add(figure);
        addRow(cell, measure, comparison, figure.verdict().toString());
    }

    private void addRow(OverheadCell cell, String measure, Comparison comparison, String verdict) {
        Estimate ratio = comparison.ratio().estimate();
        Samples again = comparison.controlRatio();
        table.add(
                cell.form().toString(),
                Integer.toString(cell.readers()),
                measure,
                Numbers.plain(comparison.direct().median()),
                Numbers.plain(comparison.routed().median()),
                Numbers.ratio(ratio.value()),
                Numbers.range(ratio.low(), ratio.high()),
                Numbers.ratio(again.median()),
                Numbers.range(again.quantile(0.1), again.quantile(0.9)),
                verdict);
    }

    Report finish() {
        return new Report(table, figures, turns);
    }

    /** One measure of all contenders, over all rounds of a cell. */
    private record Comparison(List<OverheadTurn> turns, ToDoubleFunction<OverheadTurn> measure, boolean moreIsBetter) {

        Samples direct() {
            return of(Contender.DIRECT);
        }

        Samples routed() {
            return of(Contender.ROUTED);
        }

        Samples ratio() {
            return ratio(Contender.ROUTED, List.of(Contender.DIRECT, Contender.CONTROL));
        }

        Samples controlRatio() {
            return ratio(Contender.CONTROL, List.of(Contender.DIRECT));
        }

        private Samples ratio(Contender examined, List<Contender> references) {
            List<Double> values = of(examined).inOrder();
            double[] ratios = new double[values.size()];
            for (int round = 0; round < ratios.length; round++) {
                double reference = 0;
                for (Contender each : references) {
                    reference += of(each).inOrder().get(round) / references.size();
                }
                ratios[round] = moreIsBetter ? values.get(round) / reference : reference / values.get(round);
            }
            return Samples.of(ratios);
        }

        private Samples of(Contender contender) {
            return Samples.of(
                    turns.stream().filter(turn -> turn.contender() == contender).toList(), measure);
        }
    }
}
