package io.github.r2dbcrouting.benchmarks.scaling;

import io.github.r2dbcrouting.benchmarks.frame.Estimate;
import io.github.r2dbcrouting.benchmarks.frame.Figure;
import io.github.r2dbcrouting.benchmarks.frame.LineChart;
import io.github.r2dbcrouting.benchmarks.frame.LineChart.Point;
import io.github.r2dbcrouting.benchmarks.frame.Numbers;
import io.github.r2dbcrouting.benchmarks.frame.Reach;
import io.github.r2dbcrouting.benchmarks.frame.Report;
import io.github.r2dbcrouting.benchmarks.frame.Samples;
import io.github.r2dbcrouting.benchmarks.frame.Table;
import io.github.r2dbcrouting.benchmarks.scaling.ScalingTurn.Cell;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Holds what several replicas do against what one of them does, round by round. */
final class ScalingReport {

    private static final Reach SCALED = Reach.atLeast(0.97, "");
    private static final Reach BUSY = Reach.atMost(60, "%");

    private final List<ScalingTurn> turns;
    private final Table table = new Table(
            "load",
            "replicas",
            "operations/s",
            "times one replica",
            "per replica",
            "CPU of the machine %",
            "CPU us/operation of the client");

    private final List<Figure> figures = new ArrayList<>();
    private final LineChart chart =
            new LineChart("Throughput by the number of replicas", "replicas", "times one replica");

    ScalingReport(List<ScalingTurn> turns) {
        this.turns = List.copyOf(turns);
    }

    Report finish() {
        for (ScalingLoad load : ScalingLoad.values()) {
            List<ScalingTurn> of =
                    turns.stream().filter(turn -> turn.load() == load).toList();
            Set<Cell> cells = new LinkedHashSet<>(of.stream()
                    .map(ScalingTurn::cell)
                    .sorted((a, b) -> a.again() == b.again()
                            ? Integer.compare(a.replicas(), b.replicas())
                            : Boolean.compare(a.again(), b.again()))
                    .toList());
            List<Point> points = new ArrayList<>();
            for (Cell cell : cells) {
                Samples times = times(of, cell);
                add(load, cell, cell(of, cell).toList(), times);
                if (!cell.again()) {
                    Estimate estimate = times.estimate();
                    points.add(new Point(cell.replicas(), estimate));
                }
            }
            chart.add(load.toString(), points);
        }
        return new Report(table, figures, turns, chart.svg());
    }

    private void add(ScalingLoad load, Cell cell, List<ScalingTurn> of, Samples times) {
        Samples each = times.times(1.0 / cell.replicas());
        Samples busy = Samples.of(of, ScalingTurn::busyPercent);
        table.add(
                load.toString(),
                cell.toString(),
                Numbers.plain(Samples.of(of, ScalingTurn::perSecond).median()),
                Numbers.ratio(times.estimate()),
                Numbers.ratio(each.median()),
                Numbers.plain(busy.median()),
                Numbers.plain(Samples.of(of, ScalingTurn::cpuMicrosPerOperation).median()));
        if (load == ScalingLoad.READS && cell.replicas() > 1) {
            figures.add(Figure.of("of " + cell + " times one replica, reads", SCALED, each));
            figures.add(Figure.of("of the machine's CPU with " + cell + " replicas, reads", BUSY, busy));
        }
    }

    /** Returns the throughput of a cell against that of one replica, which had two turns in each round. */
    static Samples times(List<ScalingTurn> turns, Cell cell) {
        double[] ratios = cell(turns, cell)
                .mapToDouble(turn -> {
                    double one = in(turns, turn.round(), new Cell(1, false));
                    double again = in(turns, turn.round(), new Cell(1, true));
                    return turn.perSecond() / (cell.again() ? one : (one + again) / 2);
                })
                .toArray();
        return Samples.of(ratios);
    }

    private static double in(List<ScalingTurn> turns, int round, Cell cell) {
        return cell(turns, cell)
                .filter(turn -> turn.round() == round)
                .mapToDouble(ScalingTurn::perSecond)
                .findFirst()
                .orElseThrow();
    }

    private static Stream<ScalingTurn> cell(List<ScalingTurn> turns, Cell cell) {
        return turns.stream().filter(turn -> turn.cell().equals(cell));
    }
}
