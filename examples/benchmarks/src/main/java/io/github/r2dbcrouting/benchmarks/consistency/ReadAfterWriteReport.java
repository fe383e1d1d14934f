package io.github.r2dbcrouting.benchmarks.consistency;

import io.github.r2dbcrouting.benchmarks.answers.Answer;
import io.github.r2dbcrouting.benchmarks.frame.Figure;
import io.github.r2dbcrouting.benchmarks.frame.Numbers;
import io.github.r2dbcrouting.benchmarks.frame.Reach;
import io.github.r2dbcrouting.benchmarks.frame.Report;
import io.github.r2dbcrouting.benchmarks.frame.Samples;
import io.github.r2dbcrouting.benchmarks.frame.Table;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Holds the first reads of all answers beside each other. A promised one must never be stale, and may take as long as a read has
 * patience with replicas, and then as long as it takes on the primary.
 */
final class ReadAfterWriteReport {

    private static final Duration PATIENCE = Duration.ofMillis(50);
    private static final Reach STALE = Reach.atMost(0, "reads");

    private final Table table = new Table(
            "lag ms",
            "measured",
            "answer",
            "first reads",
            "on replicas",
            "stale",
            "p50 ms",
            "p99",
            "on replicas p50",
            "p99",
            "of the primary's p50",
            "write p50");
    private final List<Figure> figures = new ArrayList<>();
    private final List<ReadAfterWriteTurn> samples = new ArrayList<>();

    /** Adds all turns with one lag. */
    void add(List<ReadAfterWriteTurn> turns) {
        samples.addAll(turns);
        for (Answer answer : Answer.values()) {
            List<ReadAfterWriteTurn> of = of(turns, answer);
            if (!of.isEmpty()) {
                addRow(of, turns);
                if (answer.isPromised()) {
                    addFigures(of, turns);
                }
            }
        }
    }

    private void addFigures(List<ReadAfterWriteTurn> of, List<ReadAfterWriteTurn> all) {
        String where = of.get(0).answer() + ", replicas " + of.get(0).lagMillis() + " ms late";
        figures.add(Figure.of("stale, " + where, STALE, Samples.of(stale(of))));
        double most = PATIENCE.toMillis()
                + median(
                        of(all, Answer.PRIMARY),
                        turn -> turn.seen().firstReads().p99());
        figures.add(Figure.of(
                "p99 of the first read, " + where,
                Reach.atMost(most, "ms"),
                Samples.of(of, turn -> turn.seen().firstReads().p99())));
    }

    private void addRow(List<ReadAfterWriteTurn> of, List<ReadAfterWriteTurn> all) {
        ReadAfterWriteTurn any = of.get(0);
        boolean isOnReplicas = of.stream().anyMatch(turn -> turn.seen().onReplicas() > 0);
        table.add(
                Long.toString(any.lagMillis()),
                Numbers.plain(any.measuredLagMillis()),
                any.answer().toString(),
                Numbers.plain(of.stream()
                        .mapToLong(turn -> turn.seen().firstReads().count())
                        .sum()),
                Numbers.ratio(median(of, turn -> turn.seen().shareOnReplicas())),
                Numbers.plain(stale(of)),
                Numbers.ratio(median(of, turn -> turn.seen().firstReads().p50())),
                Numbers.ratio(median(of, turn -> turn.seen().firstReads().p99())),
                isOnReplicas
                        ? Numbers.ratio(median(
                                of, turn -> turn.seen().firstReadsOnReplicas().p50()))
                        : "",
                isOnReplicas
                        ? Numbers.ratio(median(
                                of, turn -> turn.seen().firstReadsOnReplicas().p99()))
                        : "",
                compared(of, of(all, Answer.PRIMARY)),
                Numbers.ratio(median(of, turn -> turn.seen().writes().p50())));
    }

    private static String compared(List<ReadAfterWriteTurn> of, List<ReadAfterWriteTurn> primary) {
        double[] ratios = new double[of.size()];
        for (int round = 0; round < ratios.length; round++) {
            ratios[round] = of.get(round).seen().firstReads().p50()
                    / primary.get(round).seen().firstReads().p50();
        }
        return Numbers.ratio(Samples.of(ratios).estimate());
    }

    private static long stale(List<ReadAfterWriteTurn> turns) {
        return turns.stream().mapToLong(turn -> turn.seen().stale()).sum();
    }

    private static List<ReadAfterWriteTurn> of(List<ReadAfterWriteTurn> turns, Answer answer) {
        return turns.stream().filter(turn -> turn.answer() == answer).toList();
    }

    private static double median(List<ReadAfterWriteTurn> turns, ToDoubleFunction<ReadAfterWriteTurn> number) {
        return Samples.of(turns, number).median();
    }

    Report finish() {
        return new Report(table, figures, samples);
    }
}
