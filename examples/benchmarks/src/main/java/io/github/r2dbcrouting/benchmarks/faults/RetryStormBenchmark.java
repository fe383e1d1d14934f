package io.github.r2dbcrouting.benchmarks.faults;

import io.github.r2dbcrouting.benchmarks.faults.RetryStorm.Round;
import io.github.r2dbcrouting.benchmarks.frame.Assignment;
import io.github.r2dbcrouting.benchmarks.frame.Benchmark;
import io.github.r2dbcrouting.benchmarks.frame.Figure;
import io.github.r2dbcrouting.benchmarks.frame.Numbers;
import io.github.r2dbcrouting.benchmarks.frame.Reach;
import io.github.r2dbcrouting.benchmarks.frame.Report;
import io.github.r2dbcrouting.benchmarks.frame.Samples;
import io.github.r2dbcrouting.benchmarks.frame.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What the primary feels when all replicas fail at once, each fault on its own. */
public final class RetryStormBenchmark implements Benchmark {

    private static final int ROUNDS = 5;
    private static final Reach ALL_OF_IT = Reach.atMost(1, "");
    private static final Reach SLOWER_WRITES = Reach.atMost(3, "");

    @Override
    public String name() {
        return "retry-storm";
    }

    @Override
    public String description() {
        return "1,000 reads and 200 writes a second while all replicas are killed, are frozen, or fail every read";
    }

    @Override
    public Report run(Assignment assignment) throws InterruptedException {
        try (RetryStorm storm = new RetryStorm(assignment.requiredDatabase())) {
            return report(storm.run(assignment.quick() ? 1 : ROUNDS));
        }
    }

    private static Report report(List<Round> rounds) {
        Table table = new Table(
                "replicas",
                "reads",
                "failed",
                "on the primary",
                "retries",
                "budget",
                "connections",
                "cap",
                "writes' p99 ms",
                "without",
                "ratio",
                "failed writes");
        List<Figure> figures = new ArrayList<>();
        Arrays.stream(StormFault.values()).forEach(fault -> {
            List<Round> of =
                    rounds.stream().filter(round -> round.fault() == fault).toList();
            double ratio = Samples.of(of, Round::writesSlower).median();
            table.add(
                    fault.toString(),
                    Numbers.plain(of.stream().mapToInt(Round::reads).sum()),
                    Numbers.plain(of.stream().mapToLong(Round::failedReads).sum()),
                    Numbers.plain(of.stream().mapToLong(Round::fallbackReads).sum()),
                    Numbers.plain(of.stream().mapToLong(Round::retries).sum()),
                    Numbers.plain(of.stream().mapToDouble(Round::allowedRetries).sum()),
                    Numbers.plain(
                            of.stream().mapToInt(Round::mostFallbacks).max().orElseThrow()),
                    Numbers.plain(of.get(0).allowedFallbacks()),
                    Numbers.plain(Samples.of(of, Round::p99During).median()),
                    Numbers.plain(Samples.of(of, Round::p99Before).median()),
                    Numbers.plain(ratio),
                    Numbers.plain(of.stream().mapToLong(Round::failedWrites).sum()));
            figures.add(worst(
                    "retries of what the budget allows",
                    fault,
                    of.stream().mapToDouble(Round::retriesOfAllowed).max().orElseThrow()));
            figures.add(worst(
                    "connections for reads on the primary of what the cap allows",
                    fault,
                    of.stream().mapToDouble(Round::fallbacksOfAllowed).max().orElseThrow()));
            figures.add(Figure.of(
                    "writes' p99 of that without the fault, replicas " + fault,
                    SLOWER_WRITES,
                    Samples.of(of, Round::writesSlower)));
            of.stream()
                    .filter(round -> round.failedReads() > 0)
                    .findFirst()
                    .ifPresent(round -> System.err.println("replicas " + fault + ": " + round.problem()));
        });
        return new Report(table, figures, rounds);
    }

    /** These are limits, not averages. */
    private static Figure worst(String name, StormFault fault, double worst) {
        return Figure.of(name + ", replicas " + fault + ", worst round", ALL_OF_IT, Samples.of(worst));
    }
}
