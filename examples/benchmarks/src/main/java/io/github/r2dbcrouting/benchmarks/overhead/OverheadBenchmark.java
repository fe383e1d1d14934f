package io.github.r2dbcrouting.benchmarks.overhead;

import io.github.r2dbcrouting.benchmarks.frame.Assignment;
import io.github.r2dbcrouting.benchmarks.frame.Benchmark;
import io.github.r2dbcrouting.benchmarks.frame.Report;
import io.github.r2dbcrouting.benchmarks.frame.RoundPlan;
import io.github.r2dbcrouting.benchmarks.load.Database;
import io.github.r2dbcrouting.benchmarks.load.PointReads;
import io.github.r2dbcrouting.cluster.LocalCluster;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** What the router costs where it has nothing to decide: one node, reads of one row. */
public final class OverheadBenchmark implements Benchmark {

    private static final RoundPlan THOROUGH = new RoundPlan(Duration.ofSeconds(40), 24, Duration.ofMillis(700));
    private static final RoundPlan QUICK = new RoundPlan(Duration.ofSeconds(7), 9, Duration.ofMillis(160));

    @Override
    public String name() {
        return "overhead";
    }

    @Override
    public String description() {
        return "reads of one row through the router with one node, against r2dbc-pool alone";
    }

    @Override
    public Report run(Assignment assignment) throws IOException {
        RoundPlan plan = assignment.quick() ? QUICK : THOROUGH;
        Database database = assignment.requiredDatabase();
        try (LocalCluster cluster = database.cluster().replicas(0).start()) {
            PointReads.prepare(cluster);
            try (Contenders contenders = new Contenders(cluster, database)) {
                return measure(new OverheadRounds(contenders::factory, database), plan);
            }
        }
    }

    private static Report measure(OverheadRounds rounds, RoundPlan plan) throws IOException {
        List<OverheadCell> cells = OverheadCell.all();
        rounds.warmUp(cells, plan.warmUp());
        OverheadReport report = new OverheadReport();
        for (OverheadCell cell : cells) {
            report.add(cell, rounds.measure(cell, plan.rounds(), plan.turn()));
        }
        return report.finish();
    }
}
