package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import io.github.r2dbcrouting.cluster.oracle.Corpus;
import io.github.r2dbcrouting.cluster.oracle.CorpusText;
import io.github.r2dbcrouting.cluster.oracle.CorpusText.Mark;
import io.github.r2dbcrouting.cluster.oracle.ReadOnlyOracle;
import io.github.r2dbcrouting.sql.SqlClassifier;
import io.github.r2dbcrouting.sql.SqlDialect;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class MariadbCorpusTests extends CorpusContract {

    @RegisterExtension
    static final LocalClusterExtension CLUSTER =
            LocalClusterExtension.of(LocalCluster.mariadb().replicas(1));

    @Override
    LocalCluster cluster() {
        return CLUSTER.cluster();
    }

    @Override
    String driver() {
        return "mariadb";
    }

    @Override
    Corpus corpus() {
        return Corpus.mysql();
    }

    @Override
    ReadOnlyOracle oracle(LocalCluster cluster) {
        return ReadOnlyOracle.mariadb(cluster);
    }

    @Override
    String ownFunction() {
        return "SELECT add_tax(1)";
    }

    @Test
    void shouldTakeNothingForAReadThatByItsMarkAloneIsNoneInMysqlOfWhichThereIsNoServer() {
        assertThat(texts(Mark.MYSQL_CHANGE)).isNotEmpty().noneMatch(MariadbCorpusTests::isRead);
    }

    @Test
    void shouldTakeForAReadWhatByItsMarkAloneIsOneInMysqlOfWhichThereIsNoServer() {
        assertThat(texts(Mark.MYSQL_READ)).isNotEmpty().allMatch(MariadbCorpusTests::isRead);
    }

    private List<CorpusText> texts(Mark mark) {
        return corpus().texts().stream().filter(text -> text.mark() == mark).toList();
    }

    private static boolean isRead(CorpusText text) {
        return SqlClassifier.forDialect(SqlDialect.MYSQL).classify(text.sql()).isRead();
    }
}
