package io.github.r2dbcrouting.connection;

import static io.github.r2dbcrouting.connection.ScriptedDriver.node;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.Routing;
import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.settings.ConsistencySettings;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeState;
import io.r2dbc.spi.Result;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;

/** What plain code sees, whose statements share the session of their factory. */
class FactorySessionTests {

    private static final String INSERT = "INSERT INTO item VALUES (1) RETURNING id";

    private final ScriptedDriver driver = new ScriptedDriver(ScriptedDriver.RETRIES, 4, ConsistencySettings.defaults());

    @AfterEach
    void close() {
        driver.close();
    }

    @Test
    void shouldReadWhatAnotherConnectionWrote() {
        write();
        Signals read = read(driver.connect());
        assertThat(driver.routes).as("the read waits").hasSize(1);
        sampled(7, 6);
        assertThat(driver.routes).hasSize(1);
        sampled(7, 7);
        driver.sent().answer(1);

        assertThat(read.values).containsExactly(1);
        assertThat(driver.sender().node).isEqualTo("r1");
    }

    @Test
    void shouldReadAnywhereWhatAsksForNothing() {
        write();
        Signals.of(Flux.from(driver.connect().createStatement("SELECT 1").execute())
                .contextWrite(Routing.consistency(Consistency.eventual())));

        assertThat(driver.sender().node).startsWith("r");
    }

    @Test
    void shouldReadOnTheNodeThatIsNamedWhateverItShows() {
        write();
        Signals.of(Flux.from(driver.connect().createStatement("SELECT 1").execute())
                .contextWrite(Routing.using("r2")));

        assertThat(driver.sender().node).isEqualTo("r2");
    }

    /** Two of them may be on the primary at once, and others are refused after a second. */
    @Test
    void shouldNotRefuseReadsThatHaveToGoToThePrimaryAsSoonAsOthers() {
        write();
        Signals one = read(driver.connect());
        Signals another = read(driver.connect());
        Signals third = read(driver.connect());
        driver.pass(50);
        ScriptedExecution running = driver.sent();
        driver.pass(1_500);
        assertThat(driver.routes).hasSize(3);
        assertThat(third.error).isNull();
        running.answer(1);
        driver.pass(1);
        driver.sent().answer(1);

        assertThat(third.values).containsExactly(1);
        assertThat(List.of(one.isOver(), another.isOver())).containsExactlyInAnyOrder(true, false);
    }

    /** Else a busy application would read nothing on its replicas. */
    @Test
    void shouldNotWaitForWhatOthersWriteMeanwhile() {
        write();
        Signals read = read(driver.connect());
        driver.pass(1);
        sampled(7, 6);
        write();
        RoutingConnection third = driver.connect();
        returning(third);
        driver.sent().result().row(1);
        sampled(9, 7);

        assertThat(driver.routes).hasSize(4);
        driver.sent().answer(1);
        assertThat(read.values).containsExactly(1);
        assertThat(driver.sender().node).isEqualTo("r1");
    }

    /** Its rows come before its commit, and whoever has one may go on and read. */
    @Test
    void shouldWaitForTheEndOfAWriteOfWhichARowWasHandedOut() {
        Signals written = returning(driver.connect());
        ScriptedExecution insert = driver.sent();
        insert.result().row(1);
        assertThat(written.values).containsExactly(1);
        read(driver.connect());
        driver.pass(40);
        assertThat(driver.routes).as("the read waits").hasSize(1);

        insert.endResult().end();
        driver.pass(1);
        sampled(7, 7);
        assertThat(driver.routes).hasSize(2);
        assertThat(driver.sender().node).isEqualTo("r1");
    }

    /** Somebody may take its rows one by one, for minutes. */
    @Test
    void shouldNotWaitForLongForAWriteOfStrangers() {
        returning(driver.connect());
        driver.sent().result().row(1);
        read(driver.connect());
        driver.pass(50);
        assertThat(driver.routes).hasSize(2);
        read(driver.connect());

        assertThat(driver.routes).as("the next one does not wait").hasSize(3);
    }

    @Test
    void shouldServeWhatThereIsWhileThereIsNoPrimary() {
        write();
        driver.publish(node("r1", NodeRole.REPLICA), node("r2", NodeRole.REPLICA));
        read(driver.connect());
        driver.pass(50);

        assertThat(driver.sender().node).startsWith("r");
        assertThat(driver.services.routing().sessions().catchUp().counts().stale())
                .isEqualTo(1);
    }

    @Test
    void shouldNotWaitForAWriteOfWhichNobodyKnows() {
        returning(driver.connect());
        read(driver.connect());

        assertThat(driver.routes).hasSize(2);
        assertThat(driver.sender().node).startsWith("r");
    }

    /** Another connection's transaction may take its time. */
    @Test
    void shouldNotWaitForWritesInAnOpenTransaction() {
        RoutingConnection connection = driver.connect();
        Signals.of(connection.beginTransaction());
        Signals.update(connection, "INSERT INTO item VALUES (1)");
        driver.sent().answer();
        read(driver.connect());
        assertThat(driver.sender().node).as("while it is open").startsWith("r");

        Signals.of(connection.commitTransaction());
        driver.pass(1);
        int before = driver.routes.size();
        read(driver.connect());
        assertThat(driver.routes).as("once it is committed").hasSize(before);
    }

    @Test
    void shouldReadOnThePrimaryWhileItIsNotKnownWhatBecameOfAWrite() {
        returning(driver.connect());
        driver.sent().lose();
        read(driver.connect());

        assertThat(driver.sender().node).isEqualTo("p");
    }

    @Test
    void shouldReadWhatWasWrittenByTextsInATransaction() {
        RoutingConnection connection = driver.connect();
        for (String text : new String[] {"BEGIN", "INSERT INTO item VALUES (1)", "COMMIT"}) {
            Signals.update(connection, text);
            driver.sender().inTransaction(!text.equals("COMMIT"));
            driver.sent().answer();
        }
        int before = driver.routes.size();
        read(driver.connect());

        assertThat(driver.routes).as("the read waits").hasSize(before);
    }

    private void write() {
        RoutingConnection connection = driver.connect();
        Signals.update(connection, INSERT);
        driver.sent().answer();
        Signals.of(connection.close());
        driver.pass(1);
    }

    private Signals returning(RoutingConnection connection) {
        return Signals.rows(connection, INSERT);
    }

    private static Signals read(RoutingConnection connection) {
        return Signals.of(Flux.from(connection.createStatement("SELECT 1").execute())
                .concatMap((Result result) -> result.map((row, metadata) -> row.get(0))));
    }

    private void sampled(long primary, long replica) {
        driver.publish(at("p", NodeRole.PRIMARY, primary), at("r1", NodeRole.REPLICA, replica));
        driver.pass(0);
    }

    private NodeState at(String name, NodeRole role, long lsn) {
        return node(name, role, NodeHealth.HEALTHY, 0, 1, driver.time.now(TimeUnit.NANOSECONDS), lsn);
    }
}
