package io.github.r2dbcrouting.benchmarks.overhead;

import io.github.r2dbcrouting.RoutingConnectionFactory;
import io.github.r2dbcrouting.benchmarks.frame.Assignment;
import io.github.r2dbcrouting.benchmarks.frame.Benchmark;
import io.github.r2dbcrouting.benchmarks.frame.Figure;
import io.github.r2dbcrouting.benchmarks.frame.Numbers;
import io.github.r2dbcrouting.benchmarks.frame.Reach;
import io.github.r2dbcrouting.benchmarks.frame.Report;
import io.github.r2dbcrouting.benchmarks.frame.Samples;
import io.github.r2dbcrouting.benchmarks.frame.Table;
import io.github.r2dbcrouting.benchmarks.load.Database;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.oracle.Corpus;
import io.github.r2dbcrouting.cluster.oracle.CorpusFindings;
import io.github.r2dbcrouting.cluster.oracle.ReadOnlyOracle;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Where statements of every kind are sent, held against what servers say to them in read-only transactions. */
public final class ClassifyCorpusBenchmark implements Benchmark {

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Duration PAUSE = Duration.ofMillis(50);

    /** Only the server knows that this is a read. */
    private static final String OWN_FUNCTION = "SELECT add_tax(1)";

    @Override
    public String name() {
        return "classify-corpus";
    }

    @Override
    public String description() {
        return "statements of every kind that are called reads wrongly, and reads that are not";
    }

    @Override
    public Report run(Assignment assignment) throws SQLException {
        Database database = assignment.requiredDatabase();
        Corpus corpus = database == Database.POSTGRESQL ? Corpus.postgresql() : Corpus.mysql();
        try (LocalCluster cluster = database.cluster().replicas(1).start();
                ReadOnlyOracle oracle = database == Database.POSTGRESQL
                        ? ReadOnlyOracle.postgresql(cluster)
                        : ReadOnlyOracle.mariadb(cluster)) {
            corpus.setUp(cluster);
            RoutingConnectionFactory factory = database.routing(cluster).build();
            try {
                awaitFunctions(factory);
                return report(CorpusFindings.of(corpus, oracle, sql -> isRead(factory, sql)));
            } finally {
                factory.close().block(LIMIT);
            }
        }
    }

    private static void awaitFunctions(RoutingConnectionFactory factory) {
        Mono.usingWhen(factory.create(), Mono::just, connection -> connection.close())
                .block(LIMIT);
        Flux.interval(PAUSE)
                .filter(tick -> isRead(factory, OWN_FUNCTION))
                .next()
                .block(LIMIT);
    }

    private static boolean isRead(RoutingConnectionFactory factory, String sql) {
        NodeState node = factory.explain(sql).node();
        return node != null && node.role() == NodeRole.REPLICA;
    }

    private static Report report(CorpusFindings findings) {
        Figure wrong = Figure.of(
                "called reads that are none",
                Reach.atMost(0, ""),
                Samples.of(findings.wrongReads().size()));
        Figure missed = Figure.of(
                "of the reads sent to the primary", Reach.atMost(2, "%"), Samples.of(findings.missedPercent()));
        Table table = new Table("statements", "seen", "reach");
        table.add("asked about", Numbers.plain(findings.texts()), "");
        table.add("reads among them", Numbers.plain(findings.reads()), "");
        for (Figure figure : List.of(wrong, missed)) {
            table.add(
                    figure.name() + (figure == missed ? ", %" : ""),
                    Numbers.plain(figure.estimate().value()),
                    figure.reach().toString());
        }
        findings.wrongReads().forEach(text -> table.add("called a read: " + text, "", ""));
        findings.missedReads().forEach(text -> table.add("sent to the primary: " + text, "", ""));
        findings.hidden().forEach(text -> table.add("learned once it is refused: " + text, "", ""));
        return new Report(table, List.of(wrong, missed), List.of(findings));
    }
}
