package io.github.r2dbcrouting.spring;

import static io.github.r2dbcrouting.spring.NoteCluster.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.Routing;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import io.github.r2dbcrouting.error.ReplayConflictException;
import io.github.r2dbcrouting.error.TransactionLostException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.transaction.ReactiveTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.reactive.TransactionalOperator;
import org.springframework.transaction.support.DefaultTransactionDefinition;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.util.retry.Retry;

/** Where the statements of transactions run that a {@code TransactionalOperator} opens. */
class TransactionalOperatorTests {

    @RegisterExtension
    static final LocalClusterExtension CLUSTER = NoteCluster.extension();

    private static PlainSpring spring;
    private static NoteRepository notes;
    private static DatabaseClient client;

    @BeforeAll
    static void start() {
        NoteCluster.createNotes(CLUSTER.cluster());
        CLUSTER.cluster().execute("INSERT INTO note (text) VALUES ('here from the start')");
        spring = PlainSpring.over(CLUSTER.cluster());
        notes = spring.bean(NoteRepository.class);
        client = spring.bean(DatabaseClient.class);
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
    void shouldRunEverythingOfATransactionOnThePrimary() {
        Note note = result(notes.save(Note.of("committed"))
                .flatMap(saved -> notes.findById(saved.id()))
                .as(in(new DefaultTransactionDefinition())::transactional));
        assertThat(spring.routes()).containsExactly("BEGIN primary", "INSERT primary", "SELECT primary");
        assertThat(note.readAt()).isEqualTo(primaryPort());
        assertThat(result(notes.findById(note.id())).text()).isEqualTo("committed");
    }

    @Test
    void shouldRollBackOnThePrimary() {
        Mono<Note> failing = notes.save(Note.of("rolled back")).then(Mono.error(new IllegalStateException("no")));
        assertThatThrownBy(() -> result(failing.as(in(new DefaultTransactionDefinition())::transactional)))
                .hasMessage("no");
        assertThat(result(notes.findByText("rolled back").collectList())).isEmpty();
        assertThat(spring.routes()).containsExactly("BEGIN primary", "INSERT primary", "SELECT replica");
    }

    @Test
    void shouldRunAReadOnlyTransactionOnOneReplica() {
        List<Note> seen = result(Flux.range(0, 4)
                .concatMap(i -> notes.findById(1))
                .as(in(readOnly())::transactional)
                .collectList());
        assertThat(spring.routes()).startsWith("BEGIN replica").hasSize(5);
        assertThat(spring.routes().subList(1, 5)).containsOnly("SELECT replica");
        assertThat(spring.nodes()).hasSize(1);
        assertThat(seen.stream().map(Note::readAt).distinct())
                .hasSize(1)
                .allMatch(NoteCluster.replicaPorts(CLUSTER.cluster())::contains);
    }

    @Test
    void shouldSpreadReadOnlyTransactionsOverBothReplicas() {
        for (int i = 0; i < 4; i++) {
            result(notes.findById(1).as(in(readOnly())::transactional));
        }
        assertThat(spring.nodes()).hasSize(2).doesNotContain("node1");
    }

    @Test
    void shouldLetTheServerRefuseAWriteInAReadOnlyTransaction() {
        assertThatThrownBy(() -> result(notes.save(Note.of("never")).as(in(readOnly())::transactional)))
                .hasStackTraceContaining("read-only transaction");
        assertThat(spring.routes()).containsExactly("BEGIN replica", "INSERT replica");
        assertThat(result(notes.findByText("never").collectList())).isEmpty();
    }

    @Test
    void shouldRunAReadOnlyTransactionOnThePrimaryWhenTheChainWishesSo() {
        Mono<Note> reading = notes.findById(1).as(in(readOnly())::transactional);
        assertThat(result(reading.contextWrite(Routing.primary())).readAt()).isEqualTo(primaryPort());
        assertThat(spring.routes()).containsExactly("BEGIN primary", "SELECT primary");
    }

    @Test
    void shouldNotBeMovedByAHintWithinATransaction() {
        Note note = result(notes.save(Note.of("unmoved"))
                .flatMap(saved -> notes.findById(saved.id()).contextWrite(Routing.replica()))
                .as(in(new DefaultTransactionDefinition())::transactional));
        assertThat(note.readAt()).isEqualTo(primaryPort());
        assertThat(spring.routes()).containsExactly("BEGIN primary", "INSERT primary", "SELECT primary");
    }

    @Test
    void shouldRouteEachStatementWhereNoTransactionIsOpened() {
        DefaultTransactionDefinition supports = readOnly();
        supports.setPropagationBehavior(TransactionDefinition.PROPAGATION_SUPPORTS);
        result(notes.findById(1).then(notes.findById(1)).as(in(supports)::transactional));
        assertThat(spring.routes()).containsExactly("SELECT replica", "SELECT replica");
    }

    @Test
    void shouldOpenAWritingTransactionBesideAReadOnlyOne() {
        DefaultTransactionDefinition apart =
                new DefaultTransactionDefinition(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        Mono<Note> inner = notes.save(Note.of("apart")).as(in(apart)::transactional);
        result(notes.findById(1).then(inner).then(notes.findById(1)).as(in(readOnly())::transactional));
        assertThat(spring.routes())
                .containsExactly(
                        "BEGIN replica", "SELECT replica", "BEGIN primary", "INSERT primary", "SELECT replica");
        assertThat(spring.nodes()).hasSize(2);
    }

    @Test
    void shouldRollBackToASavepointOfANestedTransaction() {
        DefaultTransactionDefinition nested =
                new DefaultTransactionDefinition(TransactionDefinition.PROPAGATION_NESTED);
        Mono<Note> inner = notes.save(Note.of("inner"))
                .then(Mono.<Note>error(new IllegalStateException("inner only")))
                .as(in(nested)::transactional)
                .onErrorResume(IllegalStateException.class, error -> Mono.empty());
        result(notes.save(Note.of("outer"))
                .then(inner)
                .thenReturn(true)
                .as(in(new DefaultTransactionDefinition())::transactional));
        assertThat(result(notes.findByText("outer").collectList())).hasSize(1);
        assertThat(result(notes.findByText("inner").collectList())).isEmpty();
        assertThat(spring.routes())
                .containsExactly(
                        "BEGIN primary",
                        "INSERT primary",
                        "SAVEPOINT primary",
                        "INSERT primary",
                        "ROLLBACK primary",
                        "RELEASE primary",
                        "SELECT replica",
                        "SELECT replica");
    }

    @Test
    void shouldPassIsolationOnAndLeaveNothingOfItBehind() {
        DefaultTransactionDefinition serializable = new DefaultTransactionDefinition();
        serializable.setIsolationLevel(TransactionDefinition.ISOLATION_SERIALIZABLE);
        DefaultTransactionDefinition repeatable = readOnly();
        repeatable.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
        Mono<String> isolation =
                client.sql("SHOW transaction_isolation").mapValue(String.class).one();
        assertThat(result(in(serializable).transactional(isolation))).isEqualTo("serializable");
        assertThat(result(in(repeatable).transactional(isolation))).isEqualTo("repeatable read");
        for (String node : List.of("node1", "node2", "node3")) {
            assertThat(result(isolation.contextWrite(Routing.using(node)))).isEqualTo("read committed");
        }
    }

    @Test
    void shouldRollBackATransactionThatIsCancelled() {
        Sinks.Empty<Void> written = Sinks.empty();
        Mono<Note> endless = notes.save(Note.of("cancelled"))
                .doOnNext(note -> written.tryEmitEmpty())
                .then(Mono.never());
        Mono<Note> cancelled = endless.as(in(new DefaultTransactionDefinition())::transactional)
                .takeUntilOther(written.asMono());
        assertThat(cancelled.blockOptional(NoteCluster.LIMIT)).isEmpty();
        assertThat(result(notes.findByText("cancelled").collectList())).isEmpty();
        await().atMost(NoteCluster.LIMIT)
                .until(() -> CLUSTER.cluster()
                        .primary()
                        .query("SELECT 1 FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'")
                        .isEmpty());
    }

    @Test
    void shouldKeepSavepointsOfANestedReadOnlyTransactionOnItsReplica() {
        DefaultTransactionDefinition nested =
                new DefaultTransactionDefinition(TransactionDefinition.PROPAGATION_NESTED);
        Mono<Note> inner = notes.findById(1)
                .then(Mono.<Note>error(new IllegalStateException("inner only")))
                .as(in(nested)::transactional)
                .onErrorResume(IllegalStateException.class, error -> Mono.empty());
        result(notes.findById(1).then(inner).then(notes.findById(1)).as(in(readOnly())::transactional));
        assertThat(spring.routes()).startsWith("BEGIN replica", "SELECT replica", "SAVEPOINT replica");
        assertThat(spring.routes()).allMatch(route -> route.endsWith("replica"));
        assertThat(spring.nodes()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldSucceedWithARetryWhenTheNodeEndsTheTransaction(boolean reading) {
        String text = "retried " + reading;
        AtomicInteger runs = new AtomicInteger();
        Mono<Void> strike = Mono.fromRunnable(() -> CLUSTER.cluster()
                        .nodes()
                        .forEach(node -> node.query(
                                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'")))
                .subscribeOn(Schedulers.boundedElastic())
                .then();
        Mono<Note> step = reading ? notes.findById(1) : notes.save(Note.of(text));
        Mono<Note> work = step.delayUntil(note -> runs.incrementAndGet() == 1 ? strike : Mono.empty())
                .then(step);
        result(work.as(in(reading ? readOnly() : new DefaultTransactionDefinition())::transactional)
                .retryWhen(Retry.max(3)
                        .filter(TransientDataAccessException.class::isInstance)
                        .doBeforeRetry(retry ->
                                assertThat(retry.failure()).hasCauseInstanceOf(TransactionLostException.class))));
        assertThat(runs).hasValue(2);
        assertThat(result(notes.findByText(text).collectList())).hasSize(reading ? 0 : 2);
    }

    @Test
    void shouldRunAnOptimisticTransactionAgainWhoseReadsHaveChanged() {
        long id = result(notes.save(Note.of("first"))).id();
        spring.forget();
        Mono<Void> change = Mono.<Void>fromRunnable(
                        () -> CLUSTER.cluster().execute("UPDATE note_base SET text = 'second' WHERE id = " + id))
                .subscribeOn(Schedulers.boundedElastic());
        AtomicInteger runs = new AtomicInteger();
        Note written = result(notes.findById((int) id)
                .delayUntil(note -> runs.incrementAndGet() == 1 ? change : Mono.empty())
                .flatMap(note -> notes.save(Note.of("after the " + note.text())))
                .as(in(new DefaultTransactionDefinition())::transactional)
                .retryWhen(Retry.max(3)
                        .filter(TransientDataAccessException.class::isInstance)
                        .doBeforeRetry(
                                retry -> assertThat(retry.failure()).hasCauseInstanceOf(ReplayConflictException.class)))
                .contextWrite(Routing.optimistic(true)));
        assertThat(written.text()).isEqualTo("after the second");
        assertThat(runs).hasValue(2);
        assertThat(spring.routes()).startsWith("BEGIN replica", "SELECT replica", "BEGIN primary", "BEGIN replica");
        assertThat(result(notes.findByText("after the first").collectList())).isEmpty();
    }

    private static TransactionalOperator in(TransactionDefinition definition) {
        return TransactionalOperator.create(spring.bean(ReactiveTransactionManager.class), definition);
    }

    private static DefaultTransactionDefinition readOnly() {
        DefaultTransactionDefinition definition = new DefaultTransactionDefinition();
        definition.setReadOnly(true);
        return definition;
    }

    private static int primaryPort() {
        return CLUSTER.cluster().primary().port();
    }
}
