package io.github.r2dbcrouting.spring;

import static io.github.r2dbcrouting.spring.NoteCluster.LIMIT;
import static io.github.r2dbcrouting.spring.NoteCluster.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Flux;

/** A plain repository, without a filter and without a session in any context, reads what its application has written. */
class OwnWritesTests {

    @RegisterExtension
    static final LocalClusterExtension CLUSTER =
            LocalClusterExtension.of(LocalCluster.postgresql().replicas(2));

    private static PlainSpring spring;
    private static NoteRepository notes;

    @BeforeAll
    static void start() {
        NoteCluster.createNotes(CLUSTER.cluster());
        CLUSTER.cluster().synchronousStandbys("");
        CLUSTER.cluster().awaitReplication();
        spring = PlainSpring.over(CLUSTER.cluster());
        notes = spring.bean(NoteRepository.class);
    }

    @AfterAll
    static void stop() {
        spring.close();
    }

    @BeforeEach
    void forget() {
        spring.forget();
    }

    @AfterEach
    void resumeReplay() {
        CLUSTER.cluster().replicas().forEach(ClusterNode::resumeReplay);
        CLUSTER.cluster().awaitReplication();
    }

    @Test
    void shouldFindWhatItSavedWhileNoReplicaReplays() {
        CLUSTER.cluster().replicas().forEach(ClusterNode::pauseReplay);

        Note saved = result(notes.save(Note.of("saved")));
        assertThat(result(notes.findById(saved.id())).text()).isEqualTo("saved");
        result(notes.save(saved.withText("changed")));
        assertThat(result(notes.findByText("changed").collectList())).hasSize(1);
        assertThat(result(notes.count())).isPositive();
        result(notes.deleteById(saved.id()).thenReturn(true));
        assertThat(result(notes.existsById(saved.id()))).isFalse();
    }

    @Test
    void shouldFindEachOfManyThatAreSavedAtTheSameTimeWhileNoReplicaReplays() {
        CLUSTER.cluster().replicas().forEach(ClusterNode::pauseReplay);

        assertThat(result(Flux.fromStream(IntStream.range(0, 40).mapToObj(number -> Note.of("many " + number)))
                        .flatMap(note -> notes.save(note).flatMap(saved -> notes.findById(saved.id())), 8)
                        .collectList()))
                .hasSize(40);
        assertThat(result(notes.countByPrefix("many"))).isEqualTo(40);
    }

    @Test
    void shouldReadOnReplicasAgainOnceTheyHaveReplayed() {
        CLUSTER.cluster().replicas().forEach(ClusterNode::pauseReplay);
        Integer id = result(notes.save(Note.of("replayed"))).id();
        CLUSTER.cluster().replicas().forEach(ClusterNode::resumeReplay);

        await().atMost(LIMIT)
                .until(
                        () -> result(notes.findById(id)).readAt(),
                        port -> NoteCluster.replicaPorts(CLUSTER.cluster()).contains(port));
    }
}
