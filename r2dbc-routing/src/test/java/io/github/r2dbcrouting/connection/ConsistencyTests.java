package io.github.r2dbcrouting.connection;

import static io.github.r2dbcrouting.connection.ScriptedDriver.node;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.ReadOnly;
import io.github.r2dbcrouting.Routing;
import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.consistency.Consistency.Level;
import io.github.r2dbcrouting.consistency.ConsistencySession;
import io.github.r2dbcrouting.consistency.Requirement.Kind;
import io.github.r2dbcrouting.services.StatementRoute;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import io.r2dbc.spi.Result;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/** What a session in the context is told of statements, and how its reads wait for what it has written. */
class ConsistencyTests {

    private static final String INSERT = "INSERT INTO item VALUES (1)";

    private final ScriptedDriver driver = new ScriptedDriver();
    private final RoutingConnection connection = driver.connect();
    private final ConsistencySession session = ConsistencySession.create();

    @AfterEach
    void close() {
        driver.close();
    }

    @Test
    void shouldTakeAWriteForBeingUnderWayFromItsFirstRowUntilTheServerIsReadyAgain() {
        driver.whileSending =
                () -> assertThat(session.isUnresolved()).as("while it is sent").isTrue();
        Signals written = update(INSERT);
        driver.sent().result().row(1).endResult();
        assertThat(written.values).isNotEmpty();
        assertThat(kind()).as("its rows came, but not its commit").isEqualTo(Kind.WRITING);

        driver.sent().end();
        assertThat(kind()).isEqualTo(Kind.FENCED);
    }

    @Test
    void shouldTakeAFailedWriteForOneThatMayHaveWritten() {
        update(INSERT);
        driver.sent().fail(new IllegalStateException("a trigger failed"));

        assertThat(kind()).isEqualTo(Kind.FENCED);
    }

    @Test
    void shouldAskForTheWritesOfATransactionOnceItIsCommitted() {
        in(connection.beginTransaction());
        update(INSERT);
        driver.sent().answer();
        assertThat(kind()).as("nothing of it can be seen anywhere").isNotEqualTo(Kind.WRITING);

        in(connection.commitTransaction());
        assertThat(kind()).isEqualTo(Kind.FENCED);
    }

    @Test
    void shouldSettleWhatWasRolledBackWithItsConnection() {
        in(connection.beginTransaction());
        writeAndClose();

        assertThat(kind()).isEqualTo(Kind.FENCED);
    }

    /** A server goes on with what its client has left. */
    @Test
    void shouldTakeAWriteForBeingUnderWayUntilTheServerIsKnownToBeDoneWithALostConnection() {
        update(INSERT);
        driver.sent().lose();
        driver.pass(60_000);
        assertThat(kind()).isEqualTo(Kind.WRITING);

        driver.dialect.gone = true;
        driver.pass(1_000);
        assertThat(kind()).isEqualTo(Kind.FENCED);
    }

    @Test
    void shouldSettleLostWritesWhenAnotherPrimaryHasTakenOver() {
        update(INSERT);
        driver.sent().lose();
        driver.publishEpoch(2, node("r1", NodeRole.PRIMARY), node("r2", NodeRole.REPLICA));
        driver.pass(1_000);

        assertThat(kind()).isNotEqualTo(Kind.WRITING);
    }

    @Test
    void shouldReadOnAReplicaOnceThatShowsTheWrite() {
        writeAndClose();
        driver.pass(1);

        Signals read = read(driver.connect());
        assertThat(driver.connections).as("nothing is sent yet").hasSize(1);
        assertThat(driver.refreshed).contains(new NodeId("p"), new NodeId("r1"));
        sampled(7, 6);
        assertThat(driver.connections).hasSize(1);
        sampled(7, 7);
        driver.pass(0);
        driver.sent().answer(1);

        assertThat(read.values).containsExactly(1);
        assertThat(driver.sender().node).isEqualTo("r1");
    }

    @Test
    void shouldReadOnThePrimaryIfNoReplicaShowsTheWriteInTime() {
        writeAndClose();
        Signals read = read(driver.connect());
        driver.pass(50);
        driver.sent().answer(1);

        assertThat(read.values).containsExactly(1);
        assertThat(driver.sender().node).isEqualTo("p");
    }

    @Test
    void shouldBeginAReadOnlyTransactionOnAReplicaThatShowsTheWrite() {
        assertBegunOnceShown(other -> other.beginTransaction(ReadOnly.TRANSACTION));
    }

    /** What follows when no connection can be had is decided without the session. */
    @Test
    void shouldNotReadOnAnotherReplicaThanBeforeWhenThatGivesNoConnection() {
        driver.pass(1);
        Signals first = monotonic(connection);
        driver.sent().answer(1);
        assertThat(first.completed).isTrue();
        String last = driver.sender().node;
        monotonic(driver.connect());
        driver.unreachable.add(last);
        driver.publish(
                node("p", NodeRole.PRIMARY),
                node("r1", NodeRole.REPLICA, NodeHealth.HEALTHY, 0, 1, 1_000),
                node("r2", NodeRole.REPLICA, NodeHealth.HEALTHY, 0, 1, 1_000));
        monotonic(driver.connect());

        assertThat(driver.routes)
                .extracting(StatementRoute::node)
                .doesNotContain(new NodeId(last.equals("r1") ? "r2" : "r1"));
    }

    /** What nobody consumes never ends, and its connection is dropped some time after it was closed. */
    @Test
    void shouldSettleAWriteWhoseResultNobodyConsumes() {
        in(Mono.from(connection.createStatement(INSERT).execute()));
        driver.sent().answer(1);
        in(connection.close());
        driver.dialect.gone = true;
        driver.pass(60_000);

        assertThat(kind()).isEqualTo(Kind.FENCED);
    }

    @Test
    void shouldSettleTheWritesOfATransactionWhoseConnectionWasHandedOut() {
        in(connection.beginTransaction());
        update(INSERT);
        driver.sent().answer();
        assertThat(connection.unwrap()).isNotNull();
        in(connection.close());
        driver.dialect.gone = true;
        driver.pass(60_000);

        assertThat(kind()).isEqualTo(Kind.FENCED);
    }

    @Test
    void shouldBeginAnOptimisticTransactionOnAReplicaThatShowsTheWrite() {
        assertBegunOnceShown(other -> other.beginTransaction().contextWrite(Routing.optimistic(true)));
    }

    @Test
    void shouldStopLookingForALostSessionWhenTheFactoryIsClosed() {
        update(INSERT);
        driver.sent().lose();
        in(connection.close());
        Signals.of(driver.services.pools().close());
        driver.pass(10_000);
        long scheduled = driver.time.getScheduledTaskCount();
        driver.pass(60_000);

        assertThat(driver.time.getScheduledTaskCount()).isEqualTo(scheduled);
    }

    @Test
    void shouldNotWaitForWhatAnotherSessionHasWritten() {
        update(INSERT);
        driver.sent().answer();
        Signals.rows(driver.connect(), "SELECT 1");

        assertThat(driver.sender().node).startsWith("r");
    }

    @Test
    void shouldStopWaitingWhenItsSubscriberHasGone() {
        writeAndClose();
        Signals read = read(driver.connect());
        read.cancel();
        driver.pass(100);

        assertThat(driver.connections).hasSize(1);
        assertThat(driver.lent()).isZero();
    }

    private Kind kind() {
        return session.requirement(Level.READ_YOUR_WRITES, driver.current(), driver.time.now(TimeUnit.NANOSECONDS))
                .kind();
    }

    private void writeAndClose() {
        update(INSERT);
        driver.sent().answer();
        in(connection.close());
    }

    /** A transaction begins once a replica shows what was written before. */
    private void assertBegunOnceShown(Function<RoutingConnection, Mono<Void>> begin) {
        writeAndClose();
        driver.pass(1);
        RoutingConnection other = driver.connect();
        Signals begun = in(begin.apply(other));
        assertThat(begun.completed).isFalse();
        sampled(7, 7);
        driver.pass(0);
        assertThat(begun.completed).isTrue();
        assertThat(other).asString().contains("r1");
    }

    private void sampled(long primary, long replica) {
        driver.publish(at("p", NodeRole.PRIMARY, primary), at("r1", NodeRole.REPLICA, replica));
        driver.pass(0);
    }

    private NodeState at(String name, NodeRole role, long lsn) {
        return node(name, role, NodeHealth.HEALTHY, 0, 1, driver.time.now(TimeUnit.NANOSECONDS), lsn);
    }

    private Signals update(String sql) {
        return in(Flux.from(connection.createStatement(sql).execute()).concatMap(Result::getRowsUpdated));
    }

    private Signals read(RoutingConnection from) {
        return in(Flux.from(from.createStatement("SELECT 1").execute())
                .concatMap(result -> result.map((row, metadata) -> row.get(0))));
    }

    private Signals monotonic(RoutingConnection from) {
        return Signals.of(Flux.from(from.createStatement("SELECT 1").execute())
                .concatMap(result -> result.map((row, metadata) -> row.get(0)))
                .contextWrite(Routing.session(session))
                .contextWrite(Routing.consistency(Consistency.session())));
    }

    private Signals in(Mono<?> publisher) {
        return Signals.of(publisher.contextWrite(Context.of(ConsistencySession.CONTEXT_KEY, session)));
    }

    private Signals in(Flux<?> publisher) {
        return Signals.of(publisher.contextWrite(Context.of(ConsistencySession.CONTEXT_KEY, session)));
    }
}
