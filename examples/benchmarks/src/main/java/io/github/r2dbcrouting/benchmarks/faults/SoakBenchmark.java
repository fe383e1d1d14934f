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
import java.util.function.ToDoubleFunction;

/** Whether anything grows, or fails that need not, while a fault follows another. */
public final class SoakBenchmark implements Benchmark {

    private static final int NODES = 3;

    @Override
    public String name() {
        return "soak";
    }

    @Override
    public String description() {
        return "400 operations a second while every five seconds a node fails";
    }

    @Override
    public Report run(Assignment assignment) throws InterruptedException {
        Duration length = switch (assignment.length()) {
            case QUICK -> Duration.ofSeconds(30);
            case USUAL -> Duration.ofMinutes(10);
            case LONG -> Duration.ofHours(1);
        };
        try (SoakRun run = new SoakRun(assignment.requiredDatabase())) {
            run.run(length);
            return report(run);
        }
    }

    private static Report report(SoakRun run) {
        List<SoakSample> samples = run.samples();
        Table table = new Table("measure", "first third", "last third", "worst", "growth", "reach");
        List<Figure> figures = List.of(
                growth(table, "heap after a collection, MB", 3, samples, SoakSample::heap),
                growth(table, "threads", 2, samples, SoakSample::threads),
                growth(table, "file descriptors", 10, samples, SoakSample::files),
                growth(table, "sessions at the servers", 10, samples, SoakSample::sessions),
                Figure.of(
                        "most sessions",
                        Reach.atMost(NODES * (SoakRun.CONNECTIONS + 1), "sessions"),
                        Samples.of(samples.stream()
                                .mapToDouble(SoakSample::sessions)
                                .max()
                                .orElseThrow())),
                Figure.of(
                        "failed without having been in flight on a killed primary",
                        Reach.atMost(0, ""),
                        Samples.of(run.failures().size())));
        run.failures().stream().limit(5).forEach(System.err::println);
        System.out.println(Numbers.plain(run.operations()) + " operations, " + samples.size() + " faults; "
                + run.lostWrites().size() + " writes were in flight when the primary was killed and failed");
        return new Report(table, figures, samples);
    }

    /**
     * Returns how many samples are compared at each end: about a third, in whole cycles. So the faults are the same in both, and
     * so is what a server or the JVM holds shortly after one.
     *
     * @param samples two cycles or more
     */
    static int third(int samples) {
        return Math.max(SoakRun.CYCLE, samples / 3 / SoakRun.CYCLE * SoakRun.CYCLE);
    }

    private static Figure growth(
            Table table, String name, double most, List<SoakSample> samples, ToDoubleFunction<SoakSample> value) {
        int third = third(samples.size());
        double first = Samples.of(samples.subList(0, third), value).median();
        Samples last = Samples.of(samples.subList(samples.size() - third, samples.size()), value);
        double growth = last.median() - first;
        Reach reach = Reach.atMost(most, "");
        table.add(
                name,
                Numbers.plain(first),
                Numbers.plain(last.median()),
                Numbers.plain(Samples.of(samples, value).quantile(1)),
                Numbers.plain(growth),
                reach.toString());
        return Figure.of("growth of " + name, reach, Samples.of(growth));
    }
}
