package io.github.r2dbcrouting.benchmarks.overhead;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.benchmarks.load.Database;
import io.github.r2dbcrouting.benchmarks.load.PointReads;
import io.github.r2dbcrouting.benchmarks.load.ReadForm;
import io.github.r2dbcrouting.cluster.LocalCluster;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ContendersTests {

    @ParameterizedTest
    @EnumSource
    void shouldReadTheRowOfAKeyThroughEveryContenderInEveryForm(Database database) {
        try (LocalCluster cluster = database.cluster().replicas(0).start()) {
            PointReads.prepare(cluster);
            try (Contenders contenders = new Contenders(cluster, database)) {
                for (Contender contender : Contender.values()) {
                    PointReads reads = new PointReads(contenders.factory(contender), database);
                    for (ReadForm form : ReadForm.values()) {
                        assertThat(reads.read(42, form).block())
                                .as("%s, %s form", contender, form)
                                .isEqualTo("the item with the number 42");
                    }
                }
            }
        }
    }
}
