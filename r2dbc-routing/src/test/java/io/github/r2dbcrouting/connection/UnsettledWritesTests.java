package io.github.r2dbcrouting.connection;

import static io.github.r2dbcrouting.connection.ScriptedDriver.node;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.Routing;
import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.consistency.ConsistencySession;
import io.github.r2dbcrouting.settings.ConsistencySettings;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Result;
import io.r2dbc.spi.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** When sessions hear of what was done on a connection of the primary, however it was done and however it ended. */
class UnsettledWritesTests {

    private static final String INSERT = "INSERT INTO item VALUES (1) RETURNING id";

    private final ScriptedDriver driver = new ScriptedDriver(ScriptedDriver.RETRIES, 4, ConsistencySettings.defaults());

    @AfterEach
    void close() {
        driver.close();
    }

    private ConsistencySession shared() {
        return driver.services.routing().sessions().shared();
    }

    private static Flux<Object> reading(RoutingConnection connection) {
        return Flux.from(connection.createStatement("SELECT 1").execute())
                .concatMap((Result result) -> result.map((row, metadata) -> row.get(0)));
    }

    private static Signals read(RoutingConnection connection) {
        return Signals.of(reading(connection));
    }

    private void sampled(long primary, long replica) {
        driver.publish(
                at("p", NodeRole.PRIMARY, primary),
                at("r1", NodeRole.REPLICA, replica),
                at("r2", NodeRole.REPLICA, replica));
        driver.pass(0);
    }

    private NodeState at(String name, NodeRole role, long lsn) {
        return node(name, role, NodeHealth.HEALTHY, 0, 1, driver.time.now(TimeUnit.NANOSECONDS), lsn);
    }

    @Test
    void shouldHaveAReadThatFollowsACommitWait() {
        RoutingConnection connection = driver.connect();
        Signals.of(connection.beginTransaction());
        Signals.update(connection, INSERT);
        driver.sent().answer(1);
        int before = driver.routes.size();
        Signals.of(connection.commitTransaction().thenMany(reading(driver.connect())));
        assertThat(driver.routes)
                .as("the read behind the commit waits; " + shared())
                .hasSize(before);
    }

    /** As many strangers as like may write: replicas that are late are no reason for reads to fail. */
    @Test
    void shouldReadOnAReplicaWhereThePrimaryHasNoRoomForWhatTheFactoryHasSeen() {
        RoutingConnection writer = driver.connect();
        Signals.update(writer, "INSERT INTO item VALUES (1)");
        driver.sent().answer(1);
        driver.pass(1);
        sampled(7, 6);
        List<Signals> reads = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            reads.add(read(driver.connect()));
        }
        driver.pass(100);
        assertThat(driver.fallbackReads().running()).isEqualTo(2);
        assertThat(driver.routes.get(driver.routes.size() - 1).role()).isEqualTo(NodeRole.REPLICA);
        assertThat(driver.services.routing().sessions().catchUp().counts().stale())
                .isEqualTo(1);
        driver.pass(10_000);
        assertThat(reads).allSatisfy(signals -> assertThat(signals.error).isNull());
        assertThat(driver.services.routing().sessions().catchUp().counts().stale())
                .isEqualTo(3);
    }

    @Test
    void shouldForgetWritesWhoseResultsNobodyConsumes() {
        RoutingConnection connection = driver.connect();
        Signals.of(Mono.from(connection.createStatement(INSERT).execute()).then());
        driver.sent().answer(1);
        Signals.of(Mono.from(connection.createStatement(INSERT).execute()).then());
        driver.sent().answer(1);
        Signals.of(connection.close());
        driver.dialect.gone = true;
        driver.pass(60_000);
        sampled(7, 7);
        read(driver.connect());
        assertThat(shared().isUnresolved()).as(shared().toString()).isFalse();
    }

    @Test
    void shouldHaveAReadThatFollowsAResultWaitThoughNobodyConsumesThat() {
        RoutingConnection connection = driver.connect();
        Signals.of(Mono.from(connection.createStatement(INSERT).execute()).then());
        driver.sent().answer(1);
        int before = driver.routes.size();
        read(driver.connect());
        assertThat(driver.routes)
                .as("the read waits or goes to p: " + shared() + " went to " + driver.sender().node)
                .hasSize(before);
    }

    @Test
    void shouldKnowAtTheCommitOfAWriteWhoseResultNobodyConsumes() {
        RoutingConnection connection = driver.connect();
        Signals.of(connection.beginTransaction());
        Signals.of(Mono.from(connection.createStatement(INSERT).execute()).then());
        driver.sent().answer(1);
        Signals.of(connection.commitTransaction());
        driver.pass(1);
        int before = driver.routes.size();
        read(driver.connect());
        assertThat(driver.routes).as("the read waits: " + shared()).hasSize(before);
    }

    @Test
    void shouldReadOnThePrimaryWhileItIsNotKnownHowFarACancelledSeriesGoes() {
        RoutingConnection warm = driver.connect();
        Signals.update(warm, "INSERT INTO item VALUES (0)");
        driver.sent().answer();
        Signals.of(warm.close());
        sampled(3, 3);
        for (String name : new String[] {"r1", "r2"}) {
            Signals.of(reading(driver.connect())
                    .contextWrite(Routing.using(name))
                    .contextWrite(Routing.consistency(Consistency.eventual())));
            driver.sent().answer(1);
        }
        RoutingConnection connection = driver.connect();
        Statement statement = connection.createStatement("INSERT INTO item VALUES ($1)");
        statement.bind(0, 1).add().bind(0, 2);
        Signals written = Signals.of(Flux.from(statement.execute()).concatMap(Result::getRowsUpdated));
        written.cancel();
        driver.pass(1);
        sampled(7, 7);
        driver.pass(1);
        read(driver.connect());
        assertThat(driver.sender().node)
                .as("not known what the server does with what was sent: " + shared())
                .isEqualTo("p");
    }

    @Test
    void shouldHaveAReadThatFollowsALateCommitWait() {
        RoutingConnection connection = driver.connect();
        Signals.of(connection.beginTransaction());
        Signals.update(connection, INSERT);
        driver.sent().answer(1);
        int before = driver.routes.size();
        Sinks.Empty<Void> committed = Sinks.empty();
        driver.sender().answer = () -> committed.asMono();
        Signals.of(connection.commitTransaction().thenMany(reading(driver.connect())));
        assertThat(driver.routes).hasSize(before);
        committed.tryEmitEmpty().orThrow();
        assertThat(driver.routes)
                .as("the read behind the commit waits; went to " + driver.sender().node + " " + shared())
                .hasSize(before);
    }

    @Test
    void shouldTakeWhatIsDoneWithTheDriversConnectionForAWrite() {
        RoutingConnection connection = driver.connect();
        Connection own = connection.pinned(NodeRole.PRIMARY, Connection.class).block();
        Signals.of(Flux.from(own.createStatement(INSERT).execute()).concatMap(Result::getRowsUpdated));
        Signals.of(connection.close());
        driver.dialect.gone = true;
        driver.pass(1_000);
        assertThat(shared().isUnresolved()).as("a fence: " + shared()).isTrue();
    }

    @Test
    void shouldTakeWhatIsDoneWithTheUnwrappedConnectionForAWrite() {
        RoutingConnection connection = driver.connect();
        Signals.of(connection.beginTransaction());
        Connection own = connection.unwrap();
        Signals.of(Flux.from(own.createStatement(INSERT).execute()).concatMap(Result::getRowsUpdated));
        Signals.of(connection.commitTransaction());
        Signals.of(connection.close());
        driver.dialect.gone = true;
        driver.pass(1_000);
        assertThat(shared().isUnresolved()).as("a fence: " + shared()).isTrue();
    }

    @Test
    void shouldKnowOfACommitThatBeginsTheNextTransaction() {
        RoutingConnection connection = driver.connect();
        for (String text : new String[] {"BEGIN", "INSERT INTO item VALUES (1)", "COMMIT AND CHAIN"}) {
            Signals.rows(connection, text);
            driver.sender().inTransaction(true);
            driver.sent().answer();
        }
        int before = driver.routes.size();
        read(driver.connect());
        assertThat(driver.routes).as("the read waits: " + shared()).hasSize(before);
    }

    @Test
    void shouldKnowOfACommitWhileAutoCommitIsOff() {
        RoutingConnection connection = driver.connect();
        Signals.of(connection.setAutoCommit(false));
        Signals.update(connection, INSERT);
        driver.sender().inTransaction(true);
        driver.sent().answer();
        Signals.rows(connection, "COMMIT");
        driver.sender().inTransaction(true); // MariaDB with autocommit = 0
        driver.sent().answer();
        int before = driver.routes.size();
        read(driver.connect());
        assertThat(driver.routes).as("the read waits: " + shared()).hasSize(before);
    }

    @Test
    void shouldForgetAllOfSeveralWritesThatAreLostWithTheirConnection() {
        RoutingConnection connection = driver.connect();
        Signals.update(connection, INSERT);
        ScriptedExecution first = driver.sent();
        Signals.update(connection, INSERT);
        ScriptedExecution second = driver.sent();
        first.answer();
        second.fail(ScriptedDriver.lost());
        Signals.of(connection.close());
        driver.dialect.gone = true;
        driver.pass(5_000);
        sampled(7, 7);
        read(driver.connect());
        driver.pass(1);
        sampled(7, 7);
        assertThat(shared().isUnresolved()).as(shared().toString()).isFalse();
    }

    @Test
    void shouldNotGoBackFromTheFirstRowOfARead() {
        ConsistencySession session = ConsistencySession.create();
        List<String> nodes = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            RoutingConnection outer = driver.connect();
            Signals.of(reading(outer)
                    .flatMap(id -> reading(driver.connect()))
                    .contextWrite(Routing.session(session))
                    .contextWrite(Routing.consistency(Consistency.session())));
            String first = driver.sender().node;
            int before = driver.routes.size();
            driver.sent().result().row(1);
            nodes.add(first + ">" + (driver.routes.size() > before ? driver.sender().node : "waits"));
        }
        assertThat(nodes).as("" + nodes).doesNotContain("r1>r2", "r2>r1");
    }
}
