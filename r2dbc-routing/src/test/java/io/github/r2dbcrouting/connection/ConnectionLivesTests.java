package io.github.r2dbcrouting.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.settings.PoolSettings;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** When the connections of a pool are opened and closed; the primary's stands for all. */
class ConnectionLivesTests {

    private static final long SEED = 20_261_122;

    private ScriptedDriver driver = new ScriptedDriver();

    @AfterEach
    void close() {
        driver.close();
    }

    @Test
    void shouldNotEndTheLivesTogetherOfWhatWasOpenedTogether() {
        Random random = new Random(SEED);
        use(new PoolSettings.Size(20, 0, 20), Duration.ofHours(3), Duration.ofHours(1), random::nextDouble);
        assertThat(open()).isEqualTo(20);
        driver.pass(Duration.ofMinutes(48).toMillis() - 1_000);
        assertThat(open()).as("none lives for less than four fifths").isEqualTo(20);
        List<Integer> ended = new ArrayList<>();
        for (int minute = 48; minute < 61; minute++) {
            int before = open();
            driver.pass(60_000);
            ended.add(before - open());
        }
        assertThat(open()).as("none lives for longer; seed %d", SEED).isZero();
        assertThat(ended).as("a minute; seed %d", SEED).allMatch(closed -> closed <= 6);
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldShrinkToNothingWhenNobodyNeedsIt() {
        use(new PoolSettings.Size(0, 0, 5), Duration.ofMinutes(10), Duration.ofHours(1), () -> 0);
        List<Signals> writes = write(5);
        assertThat(open()).isEqualTo(5);
        answer();
        assertThat(writes).allMatch(write -> write.completed);
        driver.pass(Duration.ofMinutes(9).toMillis());
        assertThat(open()).isEqualTo(5);
        driver.pass(Duration.ofMinutes(2).toMillis());
        assertThat(open()).isZero();
    }

    @Test
    void shouldCloseWhatIsNotUsedThoughOthersAre() {
        use(new PoolSettings.Size(0, 0, 5), Duration.ofMinutes(10), Duration.ofHours(5), () -> 0);
        write(5);
        answer();
        for (int minute = 0; minute < 12; minute++) {
            driver.pass(60_000);
            write(1);
            answer();
        }
        assertThat(open()).isEqualTo(1);
    }

    @Test
    void shouldKeepSoManyUnusedConnectionsReady() {
        use(new PoolSettings.Size(0, 2, 5), Duration.ofMinutes(10), Duration.ofHours(5), () -> 0);
        assertThat(open()).as("at once").isEqualTo(2);
        write(2);
        driver.pass(60_000);
        assertThat(open()).as("two beside those in use").isEqualTo(4);
        write(2);
        driver.pass(60_000);
        assertThat(open()).as("no more than the pool may have").isEqualTo(5);
        answer();
        driver.pass(Duration.ofMinutes(12).toMillis());
        assertThat(open()).as("and no more once they are not used").isEqualTo(2);
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldReplaceUnusedConnectionsThatAreTooOld() {
        use(new PoolSettings.Size(0, 2, 5), Duration.ofMinutes(10), Duration.ofHours(5), () -> 0);
        List<ScriptedConnection> first = List.copyOf(driver.open(ScriptedDriver.PRIMARY));
        driver.pass(Duration.ofMinutes(12).toMillis());
        assertThat(open()).isEqualTo(2);
        assertThat(driver.open(ScriptedDriver.PRIMARY)).doesNotContainAnyElementsOf(first);
    }

    @Test
    void shouldOpenAsManyAsItIsToBeginWithThoughTheyAreThereAtOnce() {
        use(new PoolSettings.Size(3, 0, 5), Duration.ofMinutes(10), Duration.ofHours(5), () -> 0);
        assertThat(open()).isEqualTo(3);
        assertThat(driver.lent()).isZero();
    }

    @Test
    void shouldOpenNothingAfterItsEnd() {
        use(new PoolSettings.Size(0, 2, 5), Duration.ofMinutes(10), Duration.ofHours(5), () -> 0);
        driver.services.pools().close().block();
        assertThat(open()).isZero();
        driver.pass(Duration.ofHours(1).toMillis());
        assertThat(open()).isZero();
    }

    private void use(PoolSettings.Size size, Duration maxIdleTime, Duration maxLifeTime, DoubleSupplier random) {
        driver.close();
        PoolSettings pool = ScriptedDriver.pool(size);
        driver = new ScriptedDriver(
                new PoolSettings(size, maxIdleTime, maxLifeTime, Duration.ZERO, pool.queue(), pool.timeouts()), random);
        NodeState primary = driver.current().node(ScriptedDriver.PRIMARY);
        assertThat(primary).isNotNull();
        Signals lease = Signals.of(driver.pool("p").acquire(primary).doOnNext(taken -> taken.release()));
        assertThat(lease.completed).isTrue();
        if (size.first() == 0) {
            assertThat(open()).isEqualTo(1);
        }
    }

    private List<Signals> write(int times) {
        List<Signals> writes = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            RoutingConnection connection = driver.connect();
            writes.add(Signals.of(Flux.usingWhen(
                    Mono.just(connection),
                    own -> Flux.from(own.createStatement("INSERT INTO item VALUES (1)")
                                    .execute())
                            .concatMap(result -> result.getRowsUpdated()),
                    RoutingConnection::close)));
        }
        return writes;
    }

    private void answer() {
        driver.open(new NodeId("p"))
                .forEach(connection -> connection.executions.stream()
                        .filter(execution -> !execution.hasEnded())
                        .forEach(ScriptedExecution::answer));
    }

    private int open() {
        return driver.open(ScriptedDriver.PRIMARY).size();
    }
}
