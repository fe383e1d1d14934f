package io.github.r2dbcrouting.benchmarks.consistency;

import io.github.r2dbcrouting.benchmarks.answers.Answer;
import io.github.r2dbcrouting.benchmarks.answers.Answers;
import io.github.r2dbcrouting.benchmarks.answers.SessionScript;
import io.github.r2dbcrouting.benchmarks.answers.SessionTally;
import io.github.r2dbcrouting.benchmarks.answers.VersionedRows;
import io.github.r2dbcrouting.benchmarks.frame.Assignment;
import io.github.r2dbcrouting.benchmarks.frame.Benchmark;
import io.github.r2dbcrouting.benchmarks.frame.Report;
import io.github.r2dbcrouting.benchmarks.frame.RoundPlan;
import io.github.r2dbcrouting.benchmarks.load.Database;
import io.github.r2dbcrouting.benchmarks.load.DirectPools;
import io.github.r2dbcrouting.benchmarks.load.SteadyLoad;
import io.github.r2dbcrouting.cluster.LocalCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

/** How long the first read after a write takes, where it is served by a replica and where by the primary. */
public final class ReadAfterWriteBenchmark implements Benchmark {

    private static final RoundPlan THOROUGH = new RoundPlan(Duration.ofSeconds(2), 5, Duration.ofMillis(1_200));
    private static final RoundPlan QUICK = new RoundPlan(Duration.ofMillis(600), 3, Duration.ofMillis(400));

    private static final Set<Answer> ALL = EnumSet.complementOf(EnumSet.of(Answer.NONE_AGAIN));
    private static final List<Duration> LAGS = List.of(Duration.ZERO, Duration.ofMillis(5), Duration.ofMillis(50));

    /** Far from what saturates two cores, so that nobody's time is that of a queue; the same for all, whatever they take. */
    private static final int SESSIONS_PER_SECOND = 100;

    @Override
    public String name() {
        return "read-after-write";
    }

    @Override
    public String description() {
        return SESSIONS_PER_SECOND
                + " times a second a write and the first read of it, with replicas 0, 5 and 50 ms late";
    }

    @Override
    public Report run(Assignment assignment) throws InterruptedException {
        RoundPlan plan = assignment.quick() ? QUICK : THOROUGH;
        Database database = assignment.requiredDatabase();
        try (LocalCluster cluster = database.countingCluster().replicas(2).start()) {
            VersionedRows.prepare(cluster);
            ReplayLag lag = new ReplayLag(cluster, database);
            DirectPools pools = new DirectPools(cluster, database);
            try (Answers answers = new Answers(cluster, database, ALL)) {
                return measure(answers, lag, pools, plan);
            } finally {
                pools.close().block();
            }
        }
    }

    private static Report measure(Answers answers, ReplayLag lag, DirectPools pools, RoundPlan plan)
            throws InterruptedException {
        for (Answer answer : ALL) {
            run(answers, answer, plan.warmUp());
        }
        ReadAfterWriteReport report = new ReadAfterWriteReport();
        for (Duration late : LAGS) {
            lag.set(late);
            double measured = lag.measure(pools, answers.rows());
            List<ReadAfterWriteTurn> turns = new ArrayList<>();
            for (int round = 0; round < plan.rounds(); round++) {
                for (Answer answer : RoundPlan.order(ALL, round)) {
                    SessionTally.Sums seen = run(answers, answer, plan.turn());
                    turns.add(new ReadAfterWriteTurn(late.toMillis(), measured, round, answer, seen));
                }
            }
            report.add(turns);
        }
        return report.finish();
    }

    private static SessionTally.Sums run(Answers answers, Answer answer, Duration length) throws InterruptedException {
        SessionTally tally = new SessionTally();
        Queue<String> problems = new ConcurrentLinkedQueue<>();
        SteadyLoad load = new SteadyLoad(
                key -> SessionScript.WRITE_AND_READ.play(answers, answer).doOnNext(tally::add),
                SESSIONS_PER_SECOND,
                ended -> {
                    if (ended.hasFailed()) {
                        problems.add(ended.problem());
                    }
                });
        Thread.sleep(length.toMillis());
        load.finish();
        if (!problems.isEmpty()) {
            throw new IllegalStateException(answer + " failed " + problems.size() + " times: " + problems.peek());
        }
        return tally.sums();
    }
}
