package io.github.r2dbcrouting.benchmarks.cancellation;

import io.github.r2dbcrouting.benchmarks.frame.Assignment;
import io.github.r2dbcrouting.benchmarks.frame.Benchmark;
import io.github.r2dbcrouting.benchmarks.frame.Figure;
import io.github.r2dbcrouting.benchmarks.frame.Numbers;
import io.github.r2dbcrouting.benchmarks.frame.Reach;
import io.github.r2dbcrouting.benchmarks.frame.Report;
import io.github.r2dbcrouting.benchmarks.frame.Samples;
import io.github.r2dbcrouting.benchmarks.frame.Table;
import io.github.r2dbcrouting.benchmarks.load.Database;
import io.github.r2dbcrouting.services.AbandonedExchanges;
import java.io.IOException;
import java.util.List;

/** What random cancels leave behind. */
public final class CancellationBenchmark implements Benchmark {

    private static final long SEED = 20_261_121;

    @Override
    public String name() {
        return "cancellation";
    }

    @Override
    public String description() {
        return "what is left behind by work that is cancelled at random moments";
    }

    @Override
    public Report run(Assignment assignment) throws IOException {
        int times = switch (assignment.length()) {
            case QUICK -> 10_000;
            case USUAL -> 100_000;
            case LONG -> 1_000_000;
        };
        Database database = assignment.requiredDatabase();
        try (CancellationRun run = new CancellationRun(database, SEED)) {
            double kept = new CancelledFindById(run.factory(), database, SEED).kept(times / 10);
            AbandonedExchanges before = run.factory().abandonedExchanges();
            run.cancel(times - times / 10);
            AbandonedExchanges after = run.factory().abandonedExchanges();
            run.cancelDuringFailOver(times / 10);
            return report(kept, run.findings(), before, after);
        }
    }

    private static Report report(
            double kept, CancellationRun.Findings findings, AbandonedExchanges before, AbandonedExchanges after) {
        List<Figure> figures = List.of(
                none("leaked connections", findings.leaked()),
                none("altered sessions", findings.altered().size()),
                none("borrowers that waited for a second", findings.waited()),
                none("statements of others that were cancelled", findings.hit().size()),
                none("other failures", findings.failed().size()),
                Figure.of("findById that kept its connection", Reach.atLeast(99, "%"), Samples.of(kept)));
        Table table = new Table("measure", "seen", "reach");
        table.add("cancelled before the end", Numbers.plain(findings.cancels()), "");
        table.add("borrowers that looked", Numbers.plain(findings.audits()), "");
        table.add("slowest of them, ms", Numbers.plain(findings.slowest()), "");
        for (Figure figure : figures) {
            table.add(
                    figure.name(),
                    Numbers.plain(figure.estimate().value()),
                    figure.reach().toString());
        }
        double total = after.total() - before.total();
        table.add("sent and cancelled while they ran", Numbers.plain(total), "");
        table.add("of these drained, %", share(after.drained() - before.drained(), total), "");
        table.add("of these cancelled at the server, %", share(after.cancelled() - before.cancelled(), total), "");
        table.add("of these connections discarded, %", share(after.discarded() - before.discarded(), total), "");
        for (List<String> problems : List.of(findings.altered(), findings.hit(), findings.failed())) {
            problems.stream().limit(3).forEach(System.err::println);
        }
        return new Report(table, figures, List.of(findings));
    }

    private static Figure none(String name, long seen) {
        return Figure.of(name, Reach.atMost(0, ""), Samples.of(seen));
    }

    private static String share(long part, double total) {
        return Numbers.plain(100 * part / total);
    }
}
