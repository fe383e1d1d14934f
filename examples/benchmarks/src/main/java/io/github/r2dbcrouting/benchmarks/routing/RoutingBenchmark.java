package io.github.r2dbcrouting.benchmarks.routing;

import io.github.r2dbcrouting.benchmarks.frame.Assignment;
import io.github.r2dbcrouting.benchmarks.frame.Benchmark;
import io.github.r2dbcrouting.benchmarks.frame.Estimate;
import io.github.r2dbcrouting.benchmarks.frame.Figure;
import io.github.r2dbcrouting.benchmarks.frame.Numbers;
import io.github.r2dbcrouting.benchmarks.frame.Reach;
import io.github.r2dbcrouting.benchmarks.frame.Report;
import io.github.r2dbcrouting.benchmarks.frame.Samples;
import io.github.r2dbcrouting.benchmarks.frame.Table;
import io.github.r2dbcrouting.benchmarks.load.Database;
import io.github.r2dbcrouting.benchmarks.measuring.JmhRuns;
import io.github.r2dbcrouting.benchmarks.measuring.JmhRuns.JmhIteration;
import io.github.r2dbcrouting.benchmarks.measuring.WaitingCheck;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.function.ToDoubleFunction;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.TimeValue;

/** What a decision costs, and that it waits for nobody. */
public final class RoutingBenchmark implements Benchmark {

    private static final JmhRuns.Plan THOROUGH = new JmhRuns.Plan(3, 5, 8, TimeValue.milliseconds(1_000));
    private static final JmhRuns.Plan QUICK = new JmhRuns.Plan(1, 3, 4, TimeValue.milliseconds(500));

    private static final String ALONE = "decision";
    private static final String WITH_LOOK_UP = "decisionWithLookUp";

    private static final String WITHOUT_HINTS = "decisionWithoutHints";
    private static final String WITH_HINTS = "decisionWithHints";

    private static final int WAITING_ROUNDS = 5;
    private static final int OPERATIONS = 200_000;

    private final Table table =
            new Table("measure", "ns or count", "95 % interval", "bytes allocated", "reach", "verdict");
    private final List<Figure> figures = new ArrayList<>();

    @Override
    public String name() {
        return "routing";
    }

    @Override
    public String description() {
        return "choice of a node among ten replicas, alone and with the look-up of a known text";
    }

    @Override
    public List<Database> databases() {
        return List.of();
    }

    @Override
    public Report run(Assignment assignment) throws RunnerException, InterruptedException, ExecutionException {
        JmhRuns runs = JmhRuns.run(
                RoutingDecisions.class, assignment.quick() ? QUICK : THOROUGH, Mode.AverageTime, Mode.SampleTime);
        add(runs, ALONE, Mode.AverageTime, JmhIteration::mean, "decision alone, mean", Reach.atMost(250, "ns"));
        add(runs, WITH_LOOK_UP, Mode.AverageTime, JmhIteration::mean, "with look-up, mean", Reach.atMost(500, "ns"));
        add(
                runs,
                WITHOUT_HINTS,
                Mode.AverageTime,
                JmhIteration::mean,
                "with look-up and no hints, mean",
                Reach.atMost(500, "ns"));
        add(
                runs,
                WITH_HINTS,
                Mode.AverageTime,
                JmhIteration::mean,
                "with look-up, hints and explain unread, mean",
                Reach.atMost(500, "ns"));
        add(
                runs,
                WITH_LOOK_UP,
                Mode.SampleTime,
                JmhIteration.single(JmhIteration::p99),
                "with look-up, p99",
                Reach.atMost(2_000, "ns"));
        Samples median = runs.samples(WITH_LOOK_UP, Mode.SampleTime, JmhIteration.single(JmhIteration::p50));
        addRow("with look-up, p50", median, Numbers.plain(bytes(runs, WITH_LOOK_UP)), "none", "no reach");
        addWaits();
        return new Report(table, figures, runs.iterations());
    }

    private void add(
            JmhRuns runs, String method, Mode mode, ToDoubleFunction<JmhIteration> number, String name, Reach reach) {
        Samples samples = runs.samples(method, mode, number);
        Figure figure = Figure.of(name, reach, samples);
        figures.add(figure);
        addRow(
                name,
                samples,
                Numbers.plain(bytes(runs, method)),
                reach.toString(),
                figure.verdict().toString());
    }

    private void addRow(String name, Samples samples, String bytes, String reach, String verdict) {
        Estimate estimate = samples.estimate();
        table.add(name, Numbers.plain(estimate.value()), Numbers.interval(estimate), bytes, reach, verdict);
    }

    private static double bytes(JmhRuns runs, String method) {
        return runs.samples(method, Mode.AverageTime, JmhIteration::bytes).median();
    }

    private void addWaits() throws InterruptedException, ExecutionException {
        RoutingDecisions decisions = new RoutingDecisions();
        WaitingCheck.Shown shown = WaitingCheck.show(
                () -> decisions.decisionWithLookUp(new RoutingDecisions.Cursor()), OPERATIONS, WAITING_ROUNDS);
        Figure figure = Figure.of(shown.toString(), Reach.atMost(0, "waits"), shown.waits());
        figures.add(figure);
        table.add(
                figure.name(),
                Numbers.plain(figure.estimate().value()),
                Numbers.interval(figure.estimate()),
                "",
                figure.reach().toString(),
                figure.verdict().toString());
    }
}
