package io.github.r2dbcrouting.spring;

import static io.github.r2dbcrouting.spring.NoteCluster.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.Routing;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Mono;

/** Where the statements of a Spring Data repository run. */
class RepositoryTests {

    @RegisterExtension
    static final LocalClusterExtension CLUSTER = NoteCluster.extension();

    private static PlainSpring spring;
    private static NoteRepository notes;

    @BeforeAll
    static void start() {
        NoteCluster.createNotes(CLUSTER.cluster());
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

    @Test
    void shouldInsertOnThePrimaryAndFindByIdOnAReplica() {
        Note note = result(notes.save(Note.of("found")).flatMap(saved -> notes.findById(saved.id())));
        assertThat(spring.routes()).containsExactly("INSERT primary", "SELECT replica");
        assertThat(note.text()).isEqualTo("found");
        assertThat(note.writtenAt()).isEqualTo(primaryPort());
        assertThat(note.readAt()).isIn(replicaPorts());
    }

    @Test
    void shouldSpreadReadsOverBothReplicas() {
        Integer id = result(notes.save(Note.of("spread"))).id();
        spring.forget();
        // Until it is known that a replica shows the note, all reads go to the other one.
        await().atMost(NoteCluster.LIMIT).until(() -> {
            result(notes.findById(id));
            return spring.nodes().size() == 2;
        });
        assertThat(spring.routes()).containsOnly("SELECT replica");
    }

    @Test
    void shouldReadByEveryKindOfQueryOnReplicas() {
        Integer id = result(notes.save(Note.of("kinds of queries"))).id();
        spring.forget();
        assertThat(result(notes.existsById(id))).isTrue();
        assertThat(result(notes.findAll().collectList())).isNotEmpty();
        assertThat(result(notes.findAllById(List.of(id)).collectList())).hasSize(1);
        assertThat(result(notes.count())).isPositive();
        assertThat(result(notes.findByText("kinds of queries").collectList())).hasSize(1);
        assertThat(result(notes.countByPrefix("kinds"))).isEqualTo(1);
        assertThat(spring.routes()).hasSize(6).containsOnly("SELECT replica");
    }

    @Test
    void shouldUpdateAndDeleteOnThePrimary() {
        Note note = result(notes.save(Note.of("first")));
        result(notes.save(note.withText("second")));
        assertThat(result(notes.rewrite(note.id(), "third"))).isEqualTo(1);
        assertThat(result(notes.findById(note.id())).text()).isEqualTo("third");
        result(notes.deleteById(note.id()).thenReturn(true));
        assertThat(result(notes.existsById(note.id()))).isFalse();
        assertThat(spring.routes())
                .containsExactly(
                        "INSERT primary",
                        "UPDATE primary",
                        "UPDATE primary",
                        "SELECT replica",
                        "DELETE primary",
                        "SELECT replica");
    }

    @Test
    void shouldInsertEachOfSeveralOnThePrimary() {
        List<Note> saved = result(notes.saveAll(List.of(Note.of("one"), Note.of("two"), Note.of("three")))
                .collectList());
        assertThat(saved).extracting(Note::id).doesNotContainNull().doesNotHaveDuplicates();
        assertThat(spring.routes()).hasSize(3).containsOnly("INSERT primary");
    }

    @Test
    void shouldLockRowsOnThePrimary() {
        result(notes.save(Note.of("locked")));
        spring.forget();
        assertThat(result(notes.findFirstByText("locked")).readAt()).isEqualTo(primaryPort());
        assertThat(spring.routes()).containsExactly("SELECT primary");
    }

    @Test
    void shouldFollowTheHintOfTheChain() {
        Integer id = result(notes.save(Note.of("hinted"))).id();
        spring.forget();
        Mono<Note> read = notes.findById(id);
        assertThat(result(read.contextWrite(Routing.primary())).readAt()).isEqualTo(primaryPort());
        assertThat(result(read.contextWrite(Routing.using("node3"))).readAt())
                .isEqualTo(CLUSTER.cluster().nodes().get(2).port());
        assertThat(result(read.contextWrite(Routing.unhinted()).contextWrite(Routing.primary()))
                        .readAt())
                .isIn(replicaPorts());
        assertThat(spring.routes()).containsExactly("SELECT primary", "SELECT replica", "SELECT replica");
    }

    private static int primaryPort() {
        return CLUSTER.cluster().primary().port();
    }

    private static List<Integer> replicaPorts() {
        return NoteCluster.replicaPorts(CLUSTER.cluster());
    }
}
