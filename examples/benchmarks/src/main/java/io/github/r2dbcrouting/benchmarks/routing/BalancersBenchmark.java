package io.github.r2dbcrouting.benchmarks.routing;

import io.github.r2dbcrouting.benchmarks.frame.Assignment;
import io.github.r2dbcrouting.benchmarks.frame.Benchmark;
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
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.TimeValue;

/** What a pick of each balancer costs, and that it takes neither memory nor a lock. */
public final class BalancersBenchmark implements Benchmark {

    private static final JmhRuns.Plan THOROUGH = new JmhRuns.Plan(2, 4, 6, TimeValue.milliseconds(500));
    private static final JmhRuns.Plan QUICK = new JmhRuns.Plan(1, 3, 3, TimeValue.milliseconds(400));

    private static final Reach MANY = Reach.atMost(1_000, "ns");
    private static final Reach FEW = Reach.atMost(150, "ns");

    /** Fractions of a byte are what JMH itself takes, by the number of calls. */
    private static final Reach BYTES = Reach.atMost(0.5, "bytes");

    private static final int WAITING_ROUNDS = 5;
    private static final int OPERATIONS = 20_000;

    private final Table table =
            new Table("balancer", "nodes", "measure", "figure", "95 % interval", "reach", "verdict");
    private final List<Figure> figures = new ArrayList<>();

    @Override
    public String name() {
        return "balancers";
    }

    @Override
    public String description() {
        return "choice among a hundred nodes by each balancer, and among ten by the default";
    }

    @Override
    public List<Database> databases() {
        return List.of();
    }

    @Override
    public Report run(Assignment assignment) throws RunnerException, InterruptedException, ExecutionException {
        JmhRuns runs = JmhRuns.run(BalancerPicks.class, assignment.quick() ? QUICK : THOROUGH, Mode.AverageTime);
        add(runs, "adaptiveOfTen", "adaptive", "10", FEW);
        add(runs, "adaptive", "adaptive", "100", MANY);
        add(runs, "adaptiveByWeights", "adaptive", "100 of weights", MANY);
        add(runs, "weighted", "weighted", "100 of weights", MANY);
        add(runs, "roundRobin", "roundRobin", "100", MANY);
        add(runs, "random", "random", "100 of weights", MANY);
        add(runs, "leastConnections", "leastConnections", "100 of weights", MANY);
        add(runs, "leastLag", "leastLag", "100", MANY);
        add(runs, "fastest", "fastest", "100", MANY);
        add(runs, "score", "score", "100 of weights", MANY);
        BalancerPicks picks = new BalancerPicks();
        WaitingCheck.Shown shown = WaitingCheck.show(picks::all, OPERATIONS, WAITING_ROUNDS);
        add("all", "", Figure.of(shown.toString(), Reach.atMost(0, "waits"), shown.waits()));
        return new Report(table, figures, runs.iterations());
    }

    private void add(JmhRuns runs, String method, String balancer, String nodes, Reach reach) {
        Samples times = runs.samples(method, Mode.AverageTime, JmhIteration::mean);
        Samples bytes = runs.samples(method, Mode.AverageTime, JmhIteration::bytes);
        add(balancer, nodes, Figure.of(balancer + " of " + nodes + ", mean", reach, times));
        add(balancer, nodes, Figure.of(balancer + " of " + nodes + ", bytes allocated", BYTES, bytes));
    }

    private void add(String balancer, String nodes, Figure figure) {
        figures.add(figure);
        table.add(
                balancer,
                nodes,
                figure.name().substring(figure.name().lastIndexOf(", ") + 1).trim() + ", "
                        + figure.reach().unit(),
                Numbers.plain(figure.estimate().value()),
                Numbers.interval(figure.estimate()),
                figure.reach().toString(),
                figure.verdict().toString());
    }
}
