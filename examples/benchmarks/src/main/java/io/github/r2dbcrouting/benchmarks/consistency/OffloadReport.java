package io.github.r2dbcrouting.benchmarks.consistency;

import io.github.r2dbcrouting.benchmarks.answers.Answer;
import io.github.r2dbcrouting.benchmarks.answers.Answers;
import io.github.r2dbcrouting.benchmarks.answers.SessionScript;
import io.github.r2dbcrouting.benchmarks.frame.Figure;
import io.github.r2dbcrouting.benchmarks.frame.Numbers;
import io.github.r2dbcrouting.benchmarks.frame.Reach;
import io.github.r2dbcrouting.benchmarks.frame.Report;
import io.github.r2dbcrouting.benchmarks.frame.Samples;
import io.github.r2dbcrouting.benchmarks.frame.Table;
import io.github.r2dbcrouting.benchmarks.load.StatementCounts;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Holds the answers beside each other. What the primary is asked by its schedule anyway is taken from the turns in which nobody had
 * a session; so is what throughput is compared with, round by round.
 */
final class OffloadReport {

    private static final Reach SHARE = Reach.atLeast(0.95, "");
    private static final Reach STALE = Reach.atMost(0, "reads");
    private static final Reach QUESTIONS = Reach.atMost(0.2, "");
    private static final Reach EXTRA = Reach.atMost(0, "");

    /** A probe comes after an interval that is only shortened, by a tenth at most. */
    private static final double MOST_PROBES_PER_SECOND = 1e9 / (0.9 * Answers.PROBE_INTERVAL.toNanos());

    private final Table table = new Table(
            "load",
            "sessions",
            "answer",
            "operations/s",
            "of no session",
            "CPU us/operation",
            "on replicas",
            "stale",
            "round trips/read",
            "questions/write",
            "read p50 ms",
            "p99",
            "first p50",
            "p99",
            "write p50",
            "p99");
    private final List<Figure> figures = new ArrayList<>();
    private final List<OffloadTurn> samples = new ArrayList<>();

    /** Adds all turns of one load with one number of sessions, those without a session among them. */
    void add(List<OffloadTurn> turns) {
        samples.addAll(turns);
        double scheduled = scheduled(turns);
        for (Answer answer : Answer.values()) {
            List<OffloadTurn> of = of(turns, answer);
            if (!of.isEmpty()) {
                Samples questions = Samples.of(of, turn -> turn.questionsPerWrite(scheduled));
                addRow(of, Numbers.ratio(questions.median()), compared(turns, answer));
                if (answer.isPromised()) {
                    addFigures(of, questions);
                }
            }
        }
    }

    private void addFigures(List<OffloadTurn> of, Samples questions) {
        OffloadTurn any = of.get(0);
        String where = any.answer() + ", " + any.load() + ", " + any.sessions() + " at once";
        long stale = of.stream().mapToLong(turn -> turn.seen().stale()).sum();
        figures.add(Figure.of("stale, " + where, STALE, Samples.of(stale)));
        if (any.load().equals(SessionScript.WRITES.toString())) {
            figures.add(Figure.of("questions to the primary for each write, " + where, QUESTIONS, questions));
        } else {
            Samples share = Samples.of(of, turn -> turn.seen().shareOnReplicas());
            figures.add(Figure.of("of the reads on replicas, " + where, SHARE, share));
        }
    }

    /**
     * Adds reads that need nothing but themselves.
     *
     * @param monitors how many monitors probe each of the nodes meanwhile
     * @param nodes how many nodes there are
     */
    void addCaughtUp(List<OffloadTurn> of, int monitors, int nodes) {
        samples.addAll(of);
        addRow(of, "", "");
        Samples extra = Samples.of(of, turn -> extraRoundTrips(turn, monitors * nodes));
        figures.add(Figure.of("extra round trips of a read, " + of.get(0).answer() + ", caught up", EXTRA, extra));
    }

    /** Returns what the servers were asked beyond the reads themselves and beyond the most that the schedule of the probes allows. */
    static double extraRoundTrips(OffloadTurn turn, int probed) {
        StatementCounts.Reading counted = turn.counted();
        double scheduled = probed * (MOST_PROBES_PER_SECOND * counted.nanos() / 1e9 + 1);
        double unscheduled = Math.max(0, counted.probesOfPrimary() + counted.probesOfReplicas() - scheduled);
        return (counted.statements() - turn.reads() + unscheduled) / turn.reads();
    }

    private void addRow(List<OffloadTurn> of, String questions, String compared) {
        OffloadTurn any = of.get(0);
        table.add(
                any.load(),
                Integer.toString(any.sessions()),
                any.answer().toString(),
                Numbers.plain(median(of, OffloadTurn::operationsPerSecond)),
                compared,
                Numbers.plain(median(of, OffloadTurn::cpuMicrosPerOperation)),
                Numbers.ratio(median(of, turn -> turn.seen().shareOnReplicas())),
                Numbers.plain(of.stream().mapToLong(turn -> turn.seen().stale()).sum()),
                Numbers.ratio(median(of, OffloadTurn::roundTripsPerRead)),
                questions,
                Numbers.ratio(median(of, turn -> turn.seen().reads().p50())),
                Numbers.ratio(median(of, turn -> turn.seen().reads().p99())),
                Numbers.ratio(median(of, turn -> turn.seen().firstReads().p50())),
                Numbers.ratio(median(of, turn -> turn.seen().firstReads().p99())),
                Numbers.ratio(median(of, turn -> turn.seen().writes().p50())),
                Numbers.ratio(median(of, turn -> turn.seen().writes().p99())));
    }

    /** Returns an answer's throughput against that without a session, with its interval. */
    private static String compared(List<OffloadTurn> turns, Answer answer) {
        return Numbers.ratio(ratio(turns, answer).estimate());
    }

    static Samples ratio(List<OffloadTurn> turns, Answer answer) {
        List<OffloadTurn> examined = of(turns, answer);
        List<OffloadTurn> reference = of(turns, Answer.NONE);
        List<OffloadTurn> again = of(turns, Answer.NONE_AGAIN);
        double[] ratios = new double[examined.size()];
        for (int round = 0; round < ratios.length; round++) {
            double direct = reference.get(round).operationsPerSecond();
            boolean isAlone = again.isEmpty() || answer == Answer.NONE_AGAIN;
            double other = isAlone ? direct : again.get(round).operationsPerSecond();
            ratios[round] = examined.get(round).operationsPerSecond() / ((direct + other) / 2);
        }
        return Samples.of(ratios);
    }

    /** Returns how often a second all monitors ask the primary while nobody waits. */
    static double scheduled(List<OffloadTurn> turns) {
        double probes = 0;
        double nanos = 0;
        for (OffloadTurn turn : turns) {
            if (turn.answer() == Answer.NONE || turn.answer() == Answer.NONE_AGAIN) {
                probes += turn.counted().probesOfPrimary();
                nanos += turn.counted().nanos();
            }
        }
        return probes * 1e9 / nanos;
    }

    private static List<OffloadTurn> of(List<OffloadTurn> turns, Answer answer) {
        return turns.stream().filter(turn -> turn.answer() == answer).toList();
    }

    private static double median(List<OffloadTurn> turns, ToDoubleFunction<OffloadTurn> number) {
        return Samples.of(turns, number).median();
    }

    Report finish() {
        return new Report(table, figures, samples);
    }
}
