package io.github.r2dbcrouting.spring;

import static io.github.r2dbcrouting.spring.NoteCluster.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Where the statements of {@code @Transactional} methods run. */
class TransactionalMethodTests {

    @RegisterExtension
    static final LocalClusterExtension CLUSTER = NoteCluster.extension();

    private static PlainSpring spring;
    private static NoteRepository notes;
    private static NoteService service;

    @BeforeAll
    static void start() {
        NoteCluster.createNotes(CLUSTER.cluster());
        CLUSTER.cluster().execute("INSERT INTO note (text) VALUES ('here from the start')");
        spring = PlainSpring.over(CLUSTER.cluster());
        notes = spring.bean(NoteRepository.class);
        service = spring.bean(NoteService.class);
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
    void shouldRunAReadOnlyMethodOnOneReplica() {
        List<Note> seen = result(service.readTwice(1));
        assertThat(spring.routes()).containsExactly("BEGIN replica", "SELECT replica", "SELECT replica");
        assertThat(seen).hasSize(2);
        assertThat(seen.get(0).readAt())
                .isEqualTo(seen.get(1).readAt())
                .isIn(NoteCluster.replicaPorts(CLUSTER.cluster()));
    }

    @Test
    void shouldRunAMethodThatIsNotReadOnlyOnThePrimary() {
        Note note = result(service.writeAndRead("by a method"));
        assertThat(spring.routes()).containsExactly("BEGIN primary", "INSERT primary", "SELECT primary");
        assertThat(result(notes.findById(note.id())).text()).isEqualTo("by a method");
    }

    @Test
    void shouldRollBackAMethodThatFails() {
        assertThatThrownBy(() -> result(service.writeAndFail("regretted")))
                .hasMessage("the caller has changed its mind");
        assertThat(result(notes.findByText("regretted").collectList())).isEmpty();
        assertThat(spring.routes()).containsExactly("BEGIN primary", "INSERT primary", "SELECT replica");
    }

    @Test
    void shouldLetTheServerRefuseAWriteOfAReadOnlyMethod() {
        assertThatThrownBy(() -> result(service.writeByMistake("never")))
                .hasStackTraceContaining("read-only transaction");
        assertThat(spring.routes()).containsExactly("BEGIN replica", "INSERT replica");
    }

    @Test
    void shouldOpenNoTransactionForAMethodThatOnlySupportsOne() {
        result(service.readWithoutNeed(1));
        assertThat(spring.routes()).containsExactly("SELECT replica");
    }

    @Test
    void shouldKeepOneSnapshotOnAReplicaWhileAnotherTransactionWritesOnThePrimary() {
        Long before = result(notes.count());
        spring.forget();
        assertThat(result(service.countAround(service.writeApart("meanwhile")))).isEqualTo(before);
        assertThat(spring.routes())
                .containsExactly(
                        "BEGIN replica", "SELECT replica", "BEGIN primary", "INSERT primary", "SELECT replica");
        assertThat(result(notes.count())).isEqualTo(before + 1);
    }

    @Test
    void shouldKeepConcurrentMethodsApart() {
        List<Note> written = result(Flux.range(0, 40)
                .flatMap(
                        i -> i % 2 == 0
                                ? service.writeAndRead("concurrent " + i)
                                : service.readTwice(1).map(seen -> seen.get(0)),
                        8)
                .collectList());
        assertThat(written.stream().filter(note -> note.text().startsWith("concurrent")))
                .hasSize(20)
                .allMatch(note -> note.readAt() == CLUSTER.cluster().primary().port());
        assertThat(written.stream().filter(note -> note.id() == 1))
                .hasSize(20)
                .allMatch(note -> NoteCluster.replicaPorts(CLUSTER.cluster()).contains(note.readAt()));
        assertThat(spring.routes())
                .filteredOn(route -> route.endsWith("primary"))
                .hasSize(60);
        assertThat(spring.routes())
                .filteredOn(route -> route.endsWith("replica"))
                .hasSize(60);
    }

    @Test
    void shouldFindNothingWithoutAnError() {
        assertThat(service.readWithoutNeed(-1).blockOptional(NoteCluster.LIMIT)).isEmpty();
        assertThat(result(service.readTwice(-1).defaultIfEmpty(List.of()))).isEmpty();
        assertThat(Mono.from(notes.findById(-1)).blockOptional(NoteCluster.LIMIT))
                .isEmpty();
    }
}
