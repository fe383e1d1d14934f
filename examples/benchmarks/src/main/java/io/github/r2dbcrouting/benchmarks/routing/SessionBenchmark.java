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
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.TimeValue;

/** What a session adds to a decision. */
public final class SessionBenchmark implements Benchmark {

    private static final JmhRuns.Plan THOROUGH = new JmhRuns.Plan(3, 6, 5, TimeValue.milliseconds(700));
    private static final JmhRuns.Plan QUICK = new JmhRuns.Plan(1, 5, 4, TimeValue.milliseconds(500));

    private static final Reach REACH = Reach.atMost(50, "ns");

    private final Table table =
            new Table("decision", "ns", "95 % interval", "bytes allocated", "more ns", "95 % interval", "verdict");
    private final List<Figure> figures = new ArrayList<>();

    @Override
    public String name() {
        return "session";
    }

    @Override
    public String description() {
        return "what a session adds to the choice of a node among ten replicas that show what it has seen";
    }

    @Override
    public List<Database> databases() {
        return List.of();
    }

    @Override
    public Report run(Assignment assignment) throws RunnerException {
        JmhRuns runs = JmhRuns.run(SessionDecisions.class, assignment.quick() ? QUICK : THOROUGH, Mode.AverageTime);
        addRow(runs, "without a session", "withoutSession", "", "", "");
        Estimate again = more(runs, "withoutSessionAgain", "withoutSession").estimate();
        addRow(
                runs,
                "the same again",
                "withoutSessionAgain",
                Numbers.plain(again.value()),
                Numbers.interval(again),
                "A/A");
        add(runs, "session that has not written", "cleanSession", "withoutSession");
        add(runs, "session that all replicas have caught up with", "coveredSession", "withoutSession");
        addRow(runs, "without it, after a write of it", "unaskedSession", "", "", "");
        add(runs, "session that finds the position of its write", "fencedSession", "unaskedSession");
        return new Report(table, figures, runs.iterations());
    }

    private void add(JmhRuns runs, String name, String method, String reference) {
        Figure figure = Figure.of("more for a " + name, REACH, more(runs, method, reference));
        figures.add(figure);
        addRow(
                runs,
                name,
                method,
                Numbers.plain(figure.estimate().value()),
                Numbers.interval(figure.estimate()),
                figure.verdict().toString());
    }

    private static Samples more(JmhRuns runs, String method, String reference) {
        Samples with = runs.samples(method, Mode.AverageTime, JmhIteration::mean);
        Samples without = runs.samples(reference, Mode.AverageTime, JmhIteration::mean);
        return with.less(without.median());
    }

    private void addRow(JmhRuns runs, String name, String method, String more, String interval, String verdict) {
        Estimate mean =
                runs.samples(method, Mode.AverageTime, JmhIteration::mean).estimate();
        double bytes =
                runs.samples(method, Mode.AverageTime, JmhIteration::bytes).median();
        table.add(
                name,
                Numbers.plain(mean.value()),
                Numbers.interval(mean),
                Numbers.plain(bytes),
                more,
                interval,
                verdict);
    }
}
