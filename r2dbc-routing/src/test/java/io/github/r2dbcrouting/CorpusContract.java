package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.oracle.Corpus;
import io.github.r2dbcrouting.cluster.oracle.CorpusFindings;
import io.github.r2dbcrouting.cluster.oracle.ReadOnlyOracle;
import io.github.r2dbcrouting.sql.SqlClassifier;
import io.github.r2dbcrouting.sql.SqlDialect;
import io.github.r2dbcrouting.sql.StatementProfile.Trait;
import io.github.r2dbcrouting.topology.NodeId;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/** Compares where statements of every kind are sent with what servers say to them in read-only transactions. */
@TestInstance(Lifecycle.PER_CLASS)
abstract class CorpusContract {

    private static final Logger logger = LoggerFactory.getLogger(CorpusContract.class);

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private CorpusFindings findings;

    abstract LocalCluster cluster();

    abstract String driver();

    abstract Corpus corpus();

    abstract ReadOnlyOracle oracle(LocalCluster cluster);

    /** Returns a read by a function of the corpus, which only the server knows to be harmless. */
    abstract String ownFunction();

    @BeforeAll
    void ask() throws SQLException {
        LocalCluster cluster = cluster();
        corpus().setUp(cluster);
        RoutingConnectionFactory factory =
                new RoutedStatements().over(cluster, driver()).build();
        try (ReadOnlyOracle oracle = oracle(cluster)) {
            Mono.usingWhen(factory.create(), Mono::just, connection -> connection.close())
                    .block(LIMIT);
            await().atMost(LIMIT).until(() -> isRead(factory, ownFunction()));
            findings = CorpusFindings.of(corpus(), oracle, sql -> isRead(factory, sql));
        } finally {
            factory.close().block(LIMIT);
        }
        logger.info(
                "{}: of {} reads among {} texts, {} % go to the primary: {}; refused for what they hide: {}",
                driver(),
                findings.reads(),
                findings.texts(),
                findings.missedPercent(),
                findings.missedReads(),
                findings.hidden());
    }

    @AfterAll
    void forget() {
        findings = null;
    }

    /** What begins a read-only transaction goes to a replica without being a read. */
    private boolean isRead(RoutingConnectionFactory factory, String sql) {
        SqlDialect dialect = driver().equals("postgresql") ? SqlDialect.POSTGRESQL : SqlDialect.MYSQL;
        if (SqlClassifier.forDialect(dialect).classify(sql).has(Trait.BEGINS_READ_ONLY)) {
            return false;
        }
        NodeId chosen = Objects.requireNonNull(factory.explain(sql).node()).id();
        return !chosen.equals(
                Objects.requireNonNull(factory.currentTopology().primary()).id());
    }

    @Test
    void shouldSendNothingToAReplicaThatServersRefuseOrThatIsNoRead() {
        assertThat(findings.wrongReads()).isEmpty();
    }

    @Test
    void shouldSendNearlyAllReadsToReplicas() {
        assertThat(findings.missedPercent())
                .as(findings.missedReads().toString())
                .isLessThanOrEqualTo(2);
    }

    @Test
    void shouldGiveTheReasonForEachReadThatGoesToThePrimaryAndForAllElseThatServersDoNotDecide() {
        assertThat(findings.mismarked()).isEmpty();
    }

    @Test
    void shouldAskAboutEnough() {
        assertThat(findings.texts()).isGreaterThanOrEqualTo(400);
        assertThat(findings.reads()).isGreaterThanOrEqualTo(200);
    }
}
