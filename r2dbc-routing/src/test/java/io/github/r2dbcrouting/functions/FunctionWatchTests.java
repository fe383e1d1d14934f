package io.github.r2dbcrouting.functions;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.dialect.BackgroundTasks;
import io.github.r2dbcrouting.sql.FunctionCatalog;
import io.github.r2dbcrouting.sql.SqlClassifier;
import io.github.r2dbcrouting.sql.SqlDialect;
import io.github.r2dbcrouting.sql.StatementProfiles;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.scheduler.VirtualTimeScheduler;

/** When the functions are read, how often at most, and what comes of it. */
class FunctionWatchTests {

    private static final Duration PAUSE = Duration.ofSeconds(3);
    private static final Duration INTERVAL = Duration.ofMinutes(5);
    private static final String CALL = "SELECT report(1)";

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final BackgroundTasks background = new BackgroundTasks();
    private final StatementProfiles profiles =
            StatementProfiles.of(SqlClassifier.forDialect(SqlDialect.POSTGRESQL), 100);
    private final List<String> asked = new ArrayList<>();
    private final List<Sinks.One<FunctionCatalog>> readings = new ArrayList<>();
    private Topology topology = Topology.unprobed(List.of(settings("p"), settings("r1")));
    private final FunctionWatch watch = new FunctionWatch(
            () -> topology, this::ask, SqlDialect.POSTGRESQL, profiles, background, time, PAUSE, INTERVAL);

    FunctionWatchTests() {
        time.advanceTimeBy(Duration.ofSeconds(1));
    }

    @AfterEach
    void dispose() {
        background.dispose();
        time.dispose();
    }

    @Test
    void shouldReadFromThePrimaryAsSoonAsThereIsOne() {
        watch.look();
        assertThat(asked).isEmpty();
        usable("p", "r1");
        watch.look();

        assertThat(asked).containsExactly("p");
    }

    @Test
    void shouldReadFromAReplicaWhileThereIsNoPrimary() {
        topology = new Topology(1, List.of(node("r1", NodeRole.REPLICA)), null, null);
        watch.look();

        assertThat(asked).containsExactly("r1");
    }

    @Test
    void shouldJudgeStatementsByWhatItHasRead() {
        assertThat(profiles.profile(CALL).isRead()).isFalse();
        read("report");

        assertThat(profiles.profile(CALL).isRead()).isTrue();
    }

    @Test
    void shouldNotReadTwiceAtATime() {
        usable("p");
        watch.look();
        time.advanceTimeBy(INTERVAL.multipliedBy(2));
        watch.look();

        assertThat(asked).hasSize(1);
    }

    @Test
    void shouldReadAgainForANameThatItHasNotHeardOf() {
        read("other");
        time.advanceTimeBy(PAUSE);
        profiles.profile("SELECT brand_new(1)");

        assertThat(asked).hasSize(2);
    }

    @Test
    void shouldWaitForItsPauseBeforeItReadsAgain() {
        read("other");
        profiles.profile("SELECT brand_new(1)");
        assertThat(asked).hasSize(1);
        time.advanceTimeBy(PAUSE);
        watch.look();

        assertThat(asked).hasSize(2);
    }

    /** Whoever calls functions that do not exist must not keep the server busy. */
    @Test
    void shouldNotReadAgainAndAgainForNamesThatDoNotExist() {
        read("other");
        for (int second = 0; second < 60; second++) {
            time.advanceTimeBy(Duration.ofSeconds(1));
            for (int i = 0; i < 20; i++) {
                profiles.profile("SELECT missing(" + second + ", " + i + ")");
            }
            watch.look();
            answer("other");
        }

        assertThat(asked).hasSize(2);
    }

    @Test
    void shouldReadAfterAChangeOfTheSchemaAndOnceMoreWhenItsTransactionMayBeOver() {
        read("other");
        time.advanceTimeBy(PAUSE);
        profiles.schemaChanged();
        assertThat(asked).hasSize(2);
        answer("other");
        time.advanceTimeBy(PAUSE);
        watch.look();
        assertThat(asked).hasSize(3);
        answer("other");
        time.advanceTimeBy(PAUSE);
        watch.look();
        assertThat(asked).hasSize(3);
    }

    @Test
    void shouldReadNowAndThenForChangesThatOthersMake() {
        read("other");
        time.advanceTimeBy(INTERVAL.minusSeconds(1));
        watch.look();
        assertThat(asked).hasSize(1);
        time.advanceTimeBy(Duration.ofSeconds(1));
        watch.look();

        assertThat(asked).hasSize(2);
    }

    @Test
    void shouldTryAgainAfterItsPauseWhenReadingFails() {
        usable("p");
        watch.look();
        readings.get(0)
                .tryEmitError(new IllegalStateException("no right to look"))
                .orThrow();
        watch.look();
        assertThat(asked).hasSize(1);
        time.advanceTimeBy(PAUSE);
        watch.look();
        answer("report");

        assertThat(asked).hasSize(2);
        assertThat(profiles.profile(CALL).isRead()).isTrue();
    }

    @Test
    void shouldKeepWhatItKnowsWhenReadingFails() {
        read("report");
        time.advanceTimeBy(INTERVAL);
        watch.look();
        readings.get(1).tryEmitError(new IllegalStateException("gone")).orThrow();

        assertThat(profiles.profile(CALL).isRead()).isTrue();
    }

    @Test
    void shouldGiveUpAReadingWhenItIsDisposedOf() {
        usable("p");
        watch.look();
        assertThat(readings.get(0).currentSubscriberCount()).isEqualTo(1);
        watch.dispose();
        watch.dispose();
        assertThat(readings.get(0).currentSubscriberCount()).isZero();
        time.advanceTimeBy(INTERVAL);
        watch.look();

        assertThat(asked).hasSize(1);
        assertThat(watch.isDisposed()).isTrue();
    }

    private Mono<FunctionCatalog> ask(NodeId node) {
        asked.add(node.name().replace(":1", ""));
        Sinks.One<FunctionCatalog> reading = Sinks.one();
        readings.add(reading);
        return reading.asMono();
    }

    private void read(String harmless) {
        usable("p");
        watch.look();
        answer(harmless);
    }

    private void answer(String harmless) {
        readings.get(readings.size() - 1)
                .tryEmitValue(FunctionCatalog.of(List.of(new FunctionCatalog.Entry(harmless, false, true))));
    }

    private void usable(String primary, String... replicas) {
        List<NodeState> nodes = new ArrayList<>();
        nodes.add(node(primary, NodeRole.PRIMARY));
        for (String replica : replicas) {
            nodes.add(node(replica, NodeRole.REPLICA));
        }
        topology = new Topology(1, nodes, nodes.get(0), null);
    }

    private static NodeState node(String name, NodeRole role) {
        return new NodeState(settings(name), role, NodeHealth.HEALTHY, 0, 1, null, null, null);
    }

    private static NodeSettings settings(String name) {
        return NodeSettings.of(name, 1);
    }
}
