package io.github.r2dbcrouting.benchmarks.faults;

import io.github.r2dbcrouting.benchmarks.faults.FaultRounds.Round;
import io.github.r2dbcrouting.benchmarks.frame.Assignment;
import io.github.r2dbcrouting.benchmarks.frame.Benchmark;
import io.github.r2dbcrouting.benchmarks.frame.Figure;
import io.github.r2dbcrouting.benchmarks.frame.Numbers;
import io.github.r2dbcrouting.benchmarks.frame.Reach;
import io.github.r2dbcrouting.benchmarks.frame.Report;
import io.github.r2dbcrouting.benchmarks.frame.Samples;
import io.github.r2dbcrouting.benchmarks.frame.Table;
import io.github.r2dbcrouting.fault.ClusterFault;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** What reads feel of a replica that fails. */
public final class FaultBenchmark implements Benchmark {

    private static final int ROUNDS = 10;
    private static final int QUICK_ROUNDS = 3;

    private final String name;
    private final String description;
    private final ClusterFault fault;
    private final FaultRounds.Setting setting;
    private final List<Measure> measures;

    /** One figure of a round, and what it has to reach. */
    private record Measure(String name, Reach reach, ToDoubleFunction<Round> value) {}

    private FaultBenchmark(
            String name, String description, ClusterFault fault, FaultRounds.Setting setting, List<Measure> measures) {
        this.name = name;
        this.description = description;
        this.fault = fault;
        this.setting = setting;
        this.measures = measures;
    }

    /** A replica is killed, and comes back. */
    public static FaultBenchmark recovery() {
        return new FaultBenchmark(
                "recovery",
                "500 reads of one row a second while one of two replicas is killed and comes back",
                ClusterFault.REPLICA_KILLED,
                FaultRounds.Setting.TWO_REPLICAS,
                List.of(
                        failed(),
                        leftOut(),
                        new Measure("until it serves again", Reach.atMost(2_000, "ms"), Round::backAfter)));
    }

    /** A replica accepts connections and statements, and answers none. */
    public static FaultBenchmark freeze() {
        FaultRounds.Setting setting = FaultRounds.Setting.TWO_REPLICAS;
        return new FaultBenchmark(
                "freeze",
                "500 reads of one row a second while one of two replicas is frozen",
                ClusterFault.REPLICA_FROZEN,
                setting,
                List.of(failed(), slowest(setting)));
    }

    /** The same with one of three, and large pools: it has much under way, and is left out long before a probe has timed out. */
    public static FaultBenchmark frozen() {
        FaultRounds.Setting setting = FaultRounds.Setting.THREE_REPLICAS;
        return new FaultBenchmark(
                "frozen",
                "500 reads of one row a second over pools of 20 while one of three replicas is frozen",
                ClusterFault.REPLICA_FROZEN,
                setting,
                List.of(failed(), slowest(setting), leftOut()));
    }

    private static Measure failed() {
        return new Measure("failed reads", Reach.atMost(0, "reads"), Round::failed);
    }

    private static Measure slowest(FaultRounds.Setting setting) {
        return new Measure("slowest read", Reach.atMost(setting.slowest().toMillis(), "ms"), Round::slowest);
    }

    private static Measure leftOut() {
        return new Measure("until it is left out", Reach.atMost(1_000, "ms"), Round::leftOutAfter);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public Report run(Assignment assignment) throws InterruptedException {
        try (FaultRounds rounds = new FaultRounds(assignment.requiredDatabase(), setting)) {
            return report(rounds.run(fault, assignment.quick() ? QUICK_ROUNDS : ROUNDS));
        }
    }

    /** The worst round counts: an operator is not called at night for the median. */
    private Report report(List<Round> rounds) {
        Table table = new Table("measure", "median", "worst", "rounds", "reads", "reach", "verdict");
        List<Figure> figures = new ArrayList<>();
        int reads = rounds.stream().mapToInt(Round::reads).sum();
        for (Measure measure : measures) {
            Samples samples = Samples.of(rounds, measure.value());
            double worst = samples.quantile(1);
            Figure figure = Figure.of(measure.name() + ", worst round", measure.reach(), Samples.of(worst));
            figures.add(figure);
            table.add(
                    measure.name(),
                    Numbers.plain(samples.median()),
                    Numbers.plain(worst),
                    Integer.toString(rounds.size()),
                    Numbers.plain(reads),
                    measure.reach().toString(),
                    figure.verdict().toString());
        }
        rounds.stream()
                .filter(round -> round.failed() > 0)
                .forEach(round -> System.err.println("round " + round.round() + ": " + round.problem()));
        return new Report(table, figures, rounds);
    }
}
