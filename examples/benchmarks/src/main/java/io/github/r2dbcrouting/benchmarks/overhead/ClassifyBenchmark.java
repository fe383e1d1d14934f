package io.github.r2dbcrouting.benchmarks.overhead;

import io.github.r2dbcrouting.benchmarks.frame.Assignment;
import io.github.r2dbcrouting.benchmarks.frame.Benchmark;
import io.github.r2dbcrouting.benchmarks.frame.Figure;
import io.github.r2dbcrouting.benchmarks.frame.Numbers;
import io.github.r2dbcrouting.benchmarks.frame.Reach;
import io.github.r2dbcrouting.benchmarks.frame.Report;
import io.github.r2dbcrouting.benchmarks.frame.Table;
import io.github.r2dbcrouting.benchmarks.load.Database;
import io.github.r2dbcrouting.benchmarks.measuring.JmhRuns;
import io.github.r2dbcrouting.benchmarks.measuring.JmhRuns.JmhIteration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.TimeValue;

/** What it costs to know what a statement does. */
public final class ClassifyBenchmark implements Benchmark {

    private static final JmhRuns.Plan THOROUGH = new JmhRuns.Plan(3, 5, 8, TimeValue.milliseconds(1_000));
    private static final JmhRuns.Plan QUICK = new JmhRuns.Plan(1, 4, 5, TimeValue.milliseconds(400));

    private static final Reach NEW = Reach.atMost(3_000, "ns");
    private static final Reach KNOWN = Reach.atMost(250, "ns");
    private static final Reach LONG = Reach.atLeast(100, "MB/s");

    private static final double BYTES_PER_NANOSECOND_IN_MEGABYTES_PER_SECOND = 1_000;

    private final Table table =
            new Table("measure", "ns or MB/s", "95 % interval", "bytes allocated", "reach", "verdict");
    private final List<Figure> figures = new ArrayList<>();

    @Override
    public String name() {
        return "classify";
    }

    @Override
    public String description() {
        return "classification of a new, a known and a very long text";
    }

    @Override
    public List<Database> databases() {
        return List.of();
    }

    @Override
    public Report run(Assignment assignment) throws RunnerException {
        JmhRuns runs = JmhRuns.run(Classifications.class, assignment.quick() ? QUICK : THOROUGH, Mode.AverageTime);
        add(runs, "newPostgresql", JmhIteration::mean, "new, PostgreSQL, mean", NEW);
        add(runs, "newMysql", JmhIteration::mean, "new, MySQL, mean", NEW);
        add(runs, "knownPostgresql", JmhIteration::mean, "known, PostgreSQL, mean", KNOWN);
        add(runs, "knownMysql", JmhIteration::mean, "known, MySQL, mean", KNOWN);
        add(runs, "longPostgresql", ClassifyBenchmark::throughput, "1 MiB, PostgreSQL", LONG);
        add(runs, "longMysql", ClassifyBenchmark::throughput, "1 MiB, MySQL", LONG);
        return new Report(table, figures, runs.iterations());
    }

    private static double throughput(JmhIteration iteration) {
        return BYTES_PER_NANOSECOND_IN_MEGABYTES_PER_SECOND * Classifications.LONG_TEXT / iteration.mean();
    }

    private void add(JmhRuns runs, String method, ToDoubleFunction<JmhIteration> number, String name, Reach reach) {
        Figure figure = Figure.of(name, reach, runs.samples(method, Mode.AverageTime, number));
        figures.add(figure);
        double bytes =
                runs.samples(method, Mode.AverageTime, JmhIteration::bytes).median();
        table.add(
                name,
                Numbers.plain(figure.estimate().value()),
                Numbers.interval(figure.estimate()),
                Numbers.plain(bytes),
                reach.toString(),
                figure.verdict().toString());
    }
}
