package io.github.r2dbcrouting.benchmarks.scaling;

import io.github.r2dbcrouting.benchmarks.frame.Assignment;
import io.github.r2dbcrouting.benchmarks.frame.Benchmark;
import io.github.r2dbcrouting.benchmarks.frame.Figure;
import io.github.r2dbcrouting.benchmarks.frame.Numbers;
import io.github.r2dbcrouting.benchmarks.frame.Reach;
import io.github.r2dbcrouting.benchmarks.frame.Report;
import io.github.r2dbcrouting.benchmarks.frame.Samples;
import io.github.r2dbcrouting.benchmarks.frame.Table;
import io.github.r2dbcrouting.benchmarks.load.Database;
import io.github.r2dbcrouting.benchmarks.scaling.ManyCallers.Round;
import io.github.r2dbcrouting.benchmarks.scaling.ManyConnections.Held;
import java.util.ArrayList;
import java.util.List;

/** What many connections and many callers who wait for one cost, and whether anybody is forgotten. */
public final class ConnectionsBenchmark implements Benchmark {

    private static final int CONNECTIONS = 1_000;
    private static final int REPLICAS = 10;
    private static final int CONNECTIONS_EACH = 10;
    private static final int CALLERS = 10_000;
    private static final int ROUNDS = 8;

    private static final Reach NONE = Reach.atMost(0, "");
    private static final Reach ALL = Reach.atLeast(CONNECTIONS, "");
    private static final Reach EVEN = Reach.atMost(3, "");

    @Override
    public String name() {
        return "connections";
    }

    @Override
    public String description() {
        return "1,000 connections to one node, and 10,000 callers at a time over 10 nodes with 10 connections each";
    }

    @Override
    public List<Database> databases() {
        return List.of(Database.POSTGRESQL);
    }

    /**
     * What was measured once.
     *
     * @param number of connections, or of callers
     * @param statements that were answered
     * @param failed statements that were not
     * @param seconds it took
     * @param medianMillis how long a caller waited for his answer
     * @param longestMillis how long whoever waited longest did
     * @param bytes of heap for each
     */
    record Sample(
            String what,
            int number,
            long statements,
            long failed,
            double seconds,
            double medianMillis,
            double longestMillis,
            double bytes) {}

    @Override
    public Report run(Assignment assignment) {
        Database database = assignment.requiredDatabase();
        Held held;
        try (ManyConnections one = new ManyConnections(database, CONNECTIONS)) {
            held = one.hold();
        }
        try (ManyCallers crowd = new ManyCallers(database, REPLICAS, CONNECTIONS_EACH, CALLERS)) {
            double waiting = crowd.bytesOfWaiting();
            return report(held, waiting, crowd.rounds(assignment.quick() ? 2 : ROUNDS));
        }
    }

    private static Report report(Held held, double waiting, List<Round> rounds) {
        Table table = new Table(
                "what", "number", "statements", "failed", "statements/s", "median ms", "longest ms", "heap bytes each");
        List<Sample> samples = new ArrayList<>();
        double all = held.openedInSeconds() * 1_000;
        samples.add(new Sample(
                "openings at one node", held.open(), held.open(), 0, held.openedInSeconds(), all, all, held.bytes()));
        samples.add(new Sample(
                "connections to one node",
                held.open(),
                held.statements(),
                held.failed(),
                held.seconds(),
                held.medianMillis(),
                held.longestMillis(),
                held.bytes()));
        rounds.forEach(round -> samples.add(new Sample(
                "callers over " + REPLICAS + " nodes",
                CALLERS,
                round.statements(),
                round.failed(),
                round.seconds(),
                round.medianMillis(),
                round.longestMillis(),
                waiting)));
        samples.forEach(sample -> table.add(
                sample.what,
                Numbers.plain(sample.number),
                Numbers.plain(sample.statements),
                Numbers.plain(sample.failed),
                Numbers.plain(sample.statements / sample.seconds),
                Numbers.plain(sample.medianMillis),
                Numbers.plain(sample.longestMillis),
                Numbers.plain(sample.bytes)));
        Samples failed = Samples.of(samples.stream().mapToLong(Sample::failed).sum());
        return new Report(
                table,
                List.of(
                        Figure.of("failed statements", NONE, failed),
                        Figure.of("connections to one node at a time", ALL, Samples.of(held.open())),
                        Figure.of(
                                "times the median for the caller who waited longest",
                                EVEN,
                                Samples.of(rounds, round -> round.longestMillis() / round.medianMillis()))),
                samples);
    }
}
