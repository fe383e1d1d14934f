package io.github.r2dbcrouting.benchmarks.consistency;

import io.github.r2dbcrouting.benchmarks.answers.Answer;
import io.github.r2dbcrouting.benchmarks.answers.Answers;
import io.github.r2dbcrouting.benchmarks.answers.SessionScript;
import io.github.r2dbcrouting.benchmarks.answers.VersionedRows;
import io.github.r2dbcrouting.benchmarks.frame.Assignment;
import io.github.r2dbcrouting.benchmarks.frame.Benchmark;
import io.github.r2dbcrouting.benchmarks.frame.Report;
import io.github.r2dbcrouting.benchmarks.frame.RoundPlan;
import io.github.r2dbcrouting.benchmarks.load.Database;
import io.github.r2dbcrouting.benchmarks.load.StatementCounts;
import io.github.r2dbcrouting.cluster.LocalCluster;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** How much of what sessions read they can leave to replicas, what that costs, and how home-made answers do. */
public final class OffloadBenchmark implements Benchmark {

    private static final RoundPlan THOROUGH = new RoundPlan(Duration.ofSeconds(15), 8, Duration.ofMillis(450));
    private static final RoundPlan QUICK = new RoundPlan(Duration.ofSeconds(6), 3, Duration.ofMillis(200));

    private static final Set<Answer> ALL = EnumSet.range(Answer.NONE, Answer.ASKING);
    private static final Set<Answer> ROUTED = EnumSet.of(Answer.NONE, Answer.CONTEXT, Answer.FACTORY);
    private static final Set<Answer> PROMISED = EnumSet.of(Answer.CONTEXT, Answer.FACTORY);
    /** Each router has its own. */
    private static final int MONITORS =
            (int) ALL.stream().filter(Answer::isRouted).count();

    private static final List<Integer> SESSIONS = List.of(1, 16, 64);

    @Override
    public String name() {
        return "offload";
    }

    @Override
    public String description() {
        return "reads of writing sessions on two replicas: their share, round trips, and home-made answers beside";
    }

    @Override
    public Report run(Assignment assignment) throws IOException {
        RoundPlan plan = assignment.quick() ? QUICK : THOROUGH;
        Database database = assignment.requiredDatabase();
        try (LocalCluster cluster = database.countingCluster().replicas(2).start()) {
            VersionedRows.prepare(cluster);
            StatementCounts counts = new StatementCounts(database, cluster);
            try (Answers answers = new Answers(cluster, database, ALL)) {
                return measure(
                        new OffloadRounds(answers, counts),
                        plan,
                        cluster.nodes().size());
            }
        }
    }

    private static Report measure(OffloadRounds rounds, RoundPlan plan, int nodes) throws IOException {
        rounds.warmUp(SESSIONS, ALL, plan.warmUp());
        OffloadReport report = new OffloadReport();
        for (int sessions : SESSIONS) {
            report.add(rounds.measure(SessionScript.MIXED, sessions, ALL, plan.rounds(), plan.turn()));
        }
        for (int sessions : SESSIONS) {
            report.add(rounds.measure(SessionScript.WRITES, sessions, ROUTED, plan.rounds(), plan.turn()));
        }
        for (Answer answer : PROMISED) {
            report.addCaughtUp(rounds.caughtUp(answer, plan.rounds(), plan.turn()), MONITORS, nodes);
        }
        return report.finish();
    }
}
