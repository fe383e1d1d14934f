package io.github.r2dbcrouting.benchmarks.consistency;

import io.github.r2dbcrouting.benchmarks.frame.Assignment;
import io.github.r2dbcrouting.benchmarks.frame.Benchmark;
import io.github.r2dbcrouting.benchmarks.frame.Figure;
import io.github.r2dbcrouting.benchmarks.frame.Numbers;
import io.github.r2dbcrouting.benchmarks.frame.Reach;
import io.github.r2dbcrouting.benchmarks.frame.Report;
import io.github.r2dbcrouting.benchmarks.frame.Samples;
import io.github.r2dbcrouting.benchmarks.frame.Table;
import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.history.Guarantee;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Whether sessions ever miss what they wrote, or go back in time, while one fault follows another. */
public final class ConsistencyBenchmark implements Benchmark {

    private static final Set<Guarantee> BACKWARD = EnumSet.of(Guarantee.MONOTONIC_READS);
    private static final Set<Guarantee> STALE = Guarantee.ofReadYourWrites();

    /** What the library tells of beforehand: see {@link ConsistencySample#weakened}. */
    private static final Set<Guarantee> TOLD = EnumSet.of(Guarantee.PRIMARY_KEEPS_UP);

    private static final long CONTROL = 2_000;

    /** For the control any will do: it is to show that the same sessions on the same servers would see it. */
    private static final double SURELY = 1;

    @Override
    public String name() {
        return "consistency";
    }

    @Override
    public String description() {
        return "what sessions at random see of their writes and reads while one fault follows another";
    }

    @Override
    public Report run(Assignment assignment) {
        long operations = switch (assignment.length()) {
            case QUICK -> 1_500;
            case USUAL -> 500_000;
            case LONG -> 5_000_000;
        };
        // A quick run has time for each fault once, at one of the levels.
        Duration least = Duration.ofSeconds(assignment.quick() ? 8 : 0);
        int steps = assignment.quick() ? 40 : 400;
        try (ConsistencyRun run = new ConsistencyRun(assignment.requiredDatabase(), steps)) {
            ConsistencySample control = run.withoutFaults(Consistency.eventual(), CONTROL);
            ConsistencySample own =
                    run.underFaults(Consistency.readYourWrites(), Guarantee.ofReadYourWrites(), operations, least);
            ConsistencySample session =
                    run.underFaults(Consistency.session(), EnumSet.allOf(Guarantee.class), operations, least);
            return report(List.of(control, own, session));
        }
    }

    private static Report report(List<ConsistencySample> samples) {
        ConsistencySample control = samples.get(0);
        List<ConsistencySample> promised = samples.subList(1, samples.size());
        Table table = new Table(
                "level",
                "operations",
                "a second",
                "stale",
                "backward",
                "on replicas, %",
                "weakened",
                "of these backward",
                "failed, %",
                "faults");
        for (ConsistencySample sample : samples) {
            table.add(
                    sample.level(),
                    Numbers.plain(sample.operations()),
                    Numbers.plain(sample.operations() / sample.seconds()),
                    Numbers.plain(sample.broken(STALE)),
                    Numbers.plain(sample.broken(BACKWARD)),
                    Numbers.plain(100.0 * sample.onReplicas() / sample.reads()),
                    Numbers.plain(sample.weakened()),
                    Numbers.plain(sample.broken(TOLD)),
                    Numbers.plain(100.0 * sample.failed() / sample.operations()),
                    Numbers.plain(sample.faults()));
        }
        List<Figure> figures = List.of(
                figure("stale", Reach.atMost(0, ""), sum(promised, STALE)),
                figure("backward", Reach.atMost(0, ""), sum(promised, BACKWARD)),
                figure("stale without any promise", Reach.atLeast(SURELY, ""), control.broken(STALE)),
                figure(
                        "kinds of faults that did nothing",
                        Reach.atMost(0, ""),
                        promised.stream()
                                .mapToLong(sample -> sample.idleFaults().size())
                                .max()
                                .orElseThrow()));
        return new Report(table, figures, samples);
    }

    private static long sum(List<ConsistencySample> samples, Set<Guarantee> guarantees) {
        return samples.stream().mapToLong(sample -> sample.broken(guarantees)).sum();
    }

    private static Figure figure(String name, Reach reach, long value) {
        return Figure.of(name, reach, Samples.of(value));
    }
}
