package io.github.r2dbcrouting.benchmarks;

import io.github.r2dbcrouting.benchmarks.cancellation.CancellationBenchmark;
import io.github.r2dbcrouting.benchmarks.consistency.ConsistencyBenchmark;
import io.github.r2dbcrouting.benchmarks.consistency.OffloadBenchmark;
import io.github.r2dbcrouting.benchmarks.consistency.ReadAfterWriteBenchmark;
import io.github.r2dbcrouting.benchmarks.faults.FaultBenchmark;
import io.github.r2dbcrouting.benchmarks.faults.MembershipBenchmark;
import io.github.r2dbcrouting.benchmarks.faults.RetryStormBenchmark;
import io.github.r2dbcrouting.benchmarks.faults.SoakBenchmark;
import io.github.r2dbcrouting.benchmarks.frame.Assignment;
import io.github.r2dbcrouting.benchmarks.frame.Benchmark;
import io.github.r2dbcrouting.benchmarks.frame.Report;
import io.github.r2dbcrouting.benchmarks.frame.Table;
import io.github.r2dbcrouting.benchmarks.overhead.ClassifyBenchmark;
import io.github.r2dbcrouting.benchmarks.overhead.ClassifyCorpusBenchmark;
import io.github.r2dbcrouting.benchmarks.overhead.OverheadBenchmark;
import io.github.r2dbcrouting.benchmarks.routing.BalancersBenchmark;
import io.github.r2dbcrouting.benchmarks.routing.RoutingBenchmark;
import io.github.r2dbcrouting.benchmarks.routing.SessionBenchmark;
import io.github.r2dbcrouting.benchmarks.routing.TailBenchmark;
import io.github.r2dbcrouting.benchmarks.scaling.ConnectionsBenchmark;
import io.github.r2dbcrouting.benchmarks.scaling.ScalingBenchmark;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * Runs one benchmark and says by its exit code whether the reach is met: 0 when it is, 1 when the figure's confidence
 * interval lies beyond it, 2 when that is inconclusive. Anything else means that nothing was measured.
 */
final class Bench {

    private static final int NOT_UNDERSTOOD = 64;
    private static final int FAILED = 70;
    private static final String RESULTS = "bench.results";

    private static final List<Benchmark> BENCHMARKS = List.of(
            new OverheadBenchmark(),
            new RoutingBenchmark(),
            new SessionBenchmark(),
            new ClassifyBenchmark(),
            new ClassifyCorpusBenchmark(),
            FaultBenchmark.recovery(),
            FaultBenchmark.freeze(),
            FaultBenchmark.frozen(),
            new RetryStormBenchmark(),
            new CancellationBenchmark(),
            new SoakBenchmark(),
            new ConsistencyBenchmark(),
            new OffloadBenchmark(),
            new ReadAfterWriteBenchmark(),
            new BalancersBenchmark(),
            new TailBenchmark(),
            new ScalingBenchmark(),
            new MembershipBenchmark(),
            new ConnectionsBenchmark());

    private final List<Benchmark> benchmarks;
    private final Path results;
    private final PrintStream out;
    private final PrintStream problems;

    Bench(List<Benchmark> benchmarks, Path results, PrintStream out, PrintStream problems) {
        this.benchmarks = benchmarks;
        this.results = results;
        this.out = out;
        this.problems = problems;
    }

    public static void main(String... arguments) {
        Path results = Path.of(System.getProperty(RESULTS, "."));
        int exitCode = new Bench(BENCHMARKS, results, System.out, System.err).run(arguments);
        // Netty's and Reactor's threads would otherwise decide when the process ends.
        System.exit(exitCode);
    }

    int run(String... arguments) {
        if (arguments.length == 1 && arguments[0].equals("list")) {
            list(out);
            return 0;
        }
        Assignment assignment;
        try {
            assignment = Assignment.parse(benchmarks, arguments);
        } catch (IllegalArgumentException e) {
            problems.println("bench: " + e.getMessage());
            problems.println("usage: bench list | bench NAME [--quick|--long] [--database NAME]");
            list(problems);
            return NOT_UNDERSTOOD;
        }
        return run(assignment);
    }

    private int run(Assignment assignment) {
        Instant startedAt = Instant.now();
        Machine machine = Machine.current();
        out.println(assignment + ": " + assignment.benchmark().description());
        out.println(machine);
        Report report;
        try {
            report = assignment.benchmark().run(assignment);
        } catch (Exception e) {
            problems.println("bench: " + assignment + " was given up:");
            e.printStackTrace(problems);
            return FAILED;
        }
        Path file = ResultsFile.of(assignment, startedAt, machine, report).writeTo(results);
        out.println();
        out.print(report.table());
        out.println();
        out.println("every sample: " + file);
        if (report.picture() != null) {
            out.println("picture: " + ResultsFile.draw(report.picture(), assignment, results));
        }
        out.println(assignment.benchmark().name() + ": " + report.worst());
        return report.worst().verdict().exitCode();
    }

    private void list(PrintStream to) {
        Table table = new Table("benchmark", "what it measures", "databases");
        for (Benchmark benchmark : benchmarks) {
            table.add(
                    benchmark.name(),
                    benchmark.description(),
                    benchmark.databases().isEmpty()
                            ? "none"
                            : benchmark.databases().toString().replaceAll("[\\[\\]]", ""));
        }
        to.print(table);
    }
}
