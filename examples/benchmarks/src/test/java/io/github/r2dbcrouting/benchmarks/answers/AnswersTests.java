package io.github.r2dbcrouting.benchmarks.answers;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.benchmarks.answers.SessionRows.Seen;
import io.github.r2dbcrouting.benchmarks.load.Database;
import io.github.r2dbcrouting.benchmarks.load.StatementCounts;
import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Mono;

class AnswersTests {

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Set<Answer> ALL = EnumSet.allOf(Answer.class);
    private static final Set<Answer> UNBOUND = EnumSet.of(Answer.NONE, Answer.NONE_AGAIN);

    @ParameterizedTest
    @EnumSource
    void shouldReadSomethingStaleWhereNothingPreventsItAndNowhereElse(Database database) {
        try (LocalCluster cluster = database.countingCluster().replicas(2).start()) {
            VersionedRows.prepare(cluster);
            StatementCounts counts = new StatementCounts(database, cluster);
            try (Answers answers = new Answers(cluster, database, ALL)) {
                UNBOUND.forEach(answer -> awaitReplicas(answers.begin(answer)));
                cluster.replicas().forEach(ClusterNode::pauseReplay);
                for (Answer answer : ALL) {
                    long version = answers.rows().nextVersion();
                    Seen seen = readAfterWrite(answers, answer, version);
                    boolean isUnbound = UNBOUND.contains(answer);
                    assertThat(seen.onReplica()).as("%s on a replica", answer).isEqualTo(isUnbound);
                    assertThat(seen.version() < version).as("%s stale", answer).isEqualTo(isUnbound);
                }
                shouldBeCounted(counts, answers);
            }
        }
    }

    /** Until a second probe has told how late they are, a router reads on the primary. */
    private static void awaitReplicas(SessionRows session) {
        Mono.defer(() -> session.read(1))
                .repeat()
                .filter(Seen::onReplica)
                .next()
                .block(LIMIT);
    }

    private static Seen readAfterWrite(Answers answers, Answer answer, long version) {
        SessionRows session = answers.begin(answer);
        int key = answers.rows().nextKey();
        return session.write(key, version).then(session.read(key)).block(LIMIT);
    }

    /** One of the home-made answers asks the primary after a write, and both replicas before a read. */
    private static void shouldBeCounted(StatementCounts counts, Answers answers) {
        StatementCounts.Reading before = counts.read();
        readAfterWrite(answers, Answer.ASKING, answers.rows().nextVersion());
        assertThat(counts.read().since(before).statements()).isEqualTo(5);
    }
}
