package io.github.r2dbcrouting.benchmarks.overhead;

import io.github.r2dbcrouting.benchmarks.frame.Assignment;
import io.github.r2dbcrouting.benchmarks.frame.Benchmark;
import io.github.r2dbcrouting.benchmarks.frame.Report;
import io.github.r2dbcrouting.benchmarks.load.Database;
import io.github.r2dbcrouting.benchmarks.load.PointReads;
import io.github.r2dbcrouting.cluster.LocalCluster;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/** What the router costs where it has nothing to decide: one node, reads of one row. */
public final class OverheadBenchmark implements Benchmark {

    @Override
    public String name() {
        return "overhead";
    }

    @Override
    public String description() {
        return "reads of one row through the router with one node, against r2dbc-pool alone";
    }

    @Override
    public List<Database> databases() {
        return List.of(Database.POSTGRESQL, Database.MARIADB);
    }

    /**
     * How long it is measured.
     *
     * @param warmUp of all cells together
     * @param rounds of each cell
     * @param turn of each contender in a round
     */
    private record Plan(Duration warmUp, int rounds, Duration turn) {

        static final Plan THOROUGH = new Plan(Duration.ofSeconds(40), 24, Duration.ofMillis(700));
        static final Plan QUICK = new Plan(Duration.ofSeconds(7), 9, Duration.ofMillis(160));
    }

    @Override
    public Report run(Assignment assignment) throws IOException {
        Plan plan = assignment.quick() ? Plan.QUICK : Plan.THOROUGH;
        Database database = Objects.requireNonNull(assignment.database());
        try (LocalCluster cluster = database.cluster().replicas(0).start()) {
            PointReads.prepare(cluster);
            try (Contenders contenders = new Contenders(cluster, database)) {
                return measure(new OverheadRounds(contenders::factory, database), plan);
            }
        }
    }

    private static Report measure(OverheadRounds rounds, Plan plan) throws IOException {
        List<OverheadCell> cells = OverheadCell.all();
        rounds.warmUp(cells, plan.warmUp());
        OverheadReport report = new OverheadReport();
        for (OverheadCell cell : cells) {
            report.add(cell, rounds.measure(cell, plan.rounds(), plan.turn()));
        }
        return report.finish();
    }
}
