package io.github.r2dbcrouting.benchmarks.cancellation;

import io.github.r2dbcrouting.benchmarks.load.Database;
import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What the servers say of the statements that were cancelled. */
enum ServerLog {
    /** Has the text of each statement that ended with an error. */
    POSTGRESQL {
        @Override
        List<String> endedStatements(LocalCluster cluster) throws IOException {
            List<String> statements = new ArrayList<>();
            for (ClusterNode node : cluster.nodes()) {
                boolean cancelled = false;
                try (Stream<String> lines = Files.lines(node.log())) {
                    for (String line : (Iterable<String>) lines::iterator) {
                        int statement = line.indexOf(STATEMENT);
                        if (cancelled && statement >= 0) {
                            statements.add(line.substring(statement + STATEMENT.length())
                                    .strip());
                        }
                        cancelled = line.contains("canceling statement due to user request");
                    }
                }
            }
            return statements;
        }
    },
    /** Says nothing of them; what a borrower gets as an error is all there is. */
    MARIADB {
        @Override
        List<String> endedStatements(LocalCluster cluster) {
            return List.of();
        }
    };

    private static final String STATEMENT = "STATEMENT:";

    static ServerLog of(Database database) {
        return valueOf(database.name());
    }

    /** Returns the texts of those that were cancelled at any node, as far as the server tells. */
    abstract List<String> endedStatements(LocalCluster cluster) throws IOException;
}
