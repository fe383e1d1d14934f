package io.github.r2dbcrouting;

import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import io.github.r2dbcrouting.cluster.oracle.Corpus;
import io.github.r2dbcrouting.cluster.oracle.ReadOnlyOracle;
import org.junit.jupiter.api.extension.RegisterExtension;

class PostgresqlCorpusTests extends CorpusContract {

    @RegisterExtension
    static final LocalClusterExtension CLUSTER =
            LocalClusterExtension.of(LocalCluster.postgresql().replicas(1));

    @Override
    LocalCluster cluster() {
        return CLUSTER.cluster();
    }

    @Override
    String driver() {
        return "postgresql";
    }

    @Override
    Corpus corpus() {
        return Corpus.postgresql();
    }

    @Override
    ReadOnlyOracle oracle(LocalCluster cluster) {
        return ReadOnlyOracle.postgresql(cluster);
    }

    @Override
    String ownFunction() {
        return "SELECT add_tax(1)";
    }
}
