package io.github.r2dbcrouting.benchmarks.faults;

import io.github.r2dbcrouting.benchmarks.frame.Assignment;
import io.github.r2dbcrouting.benchmarks.frame.Benchmark;
import io.github.r2dbcrouting.benchmarks.frame.Figure;
import io.github.r2dbcrouting.benchmarks.frame.Numbers;
import io.github.r2dbcrouting.benchmarks.frame.Reach;
import io.github.r2dbcrouting.benchmarks.frame.Report;
import io.github.r2dbcrouting.benchmarks.frame.Samples;
import io.github.r2dbcrouting.benchmarks.frame.Table;
import java.time.Duration;
import java.util.List;

/** Whether anything fails or leaks while nodes come and go. */
public final class MembershipBenchmark implements Benchmark {

    private static final long SEED = 20_261_122;

    @Override
    public String name() {
        return "membership";
    }

    @Override
    public String description() {
        return "300 operations a second while nodes are added, removed, drained and resumed at random";
    }

    @Override
    public Report run(Assignment assignment) throws InterruptedException {
        int changes = switch (assignment.length()) {
            case QUICK -> 34;
            case USUAL -> 100;
            case LONG -> 1_000;
        };
        try (MembershipRun run = new MembershipRun(assignment.requiredDatabase(), SEED)) {
            run.run(changes, Duration.ofMillis(600));
            int leaked = run.leaked();
            run.failures().stream().limit(5).forEach(System.err::println);
            List<Figure> figures = List.of(
                    Figure.of(
                            "failed statements",
                            Reach.atMost(0, ""),
                            Samples.of(run.failures().size())),
                    Figure.of("leaked connections", Reach.atMost(0, ""), Samples.of(leaked)));
            Table table = new Table("change", "how often", "slowest, ms");
            for (MembershipRun.Change change : MembershipRun.Change.values()) {
                List<MembershipRun.Done> done = run.done().stream()
                        .filter(one -> one.change() == change)
                        .toList();
                table.add(
                        change.toString(),
                        String.valueOf(done.size()),
                        Numbers.plain(done.stream()
                                .mapToDouble(MembershipRun.Done::millis)
                                .max()
                                .orElse(0)));
            }
            System.out.println(Numbers.plain(run.operations()) + " operations, "
                    + run.done().size() + " changes, seed " + SEED);
            return new Report(table, figures, run.done());
        }
    }
}
