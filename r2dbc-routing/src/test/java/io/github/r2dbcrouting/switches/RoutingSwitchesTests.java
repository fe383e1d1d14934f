package io.github.r2dbcrouting.switches;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.r2dbcrouting.position.Branch;
import io.github.r2dbcrouting.position.LogPosition;
import io.github.r2dbcrouting.selection.OperatorSwitch;
import io.github.r2dbcrouting.selection.OperatorSwitch.Kind;
import io.github.r2dbcrouting.selection.Overrides;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Replication;
import io.github.r2dbcrouting.topology.ReplicationLink;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.Disposable;
import reactor.test.scheduler.VirtualTimeScheduler;

class RoutingSwitchesTests {

    private static final Instant NOW = Instant.parse("2024-05-01T02:15:00Z");
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Terms DISK = Terms.because("disk is full").by("alice");
    private static final Terms REPAIRED = Terms.because("repaired");

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private volatile Topology topology =
            Topology.unprobed(List.of(NodeSettings.of("db1", 5432), NodeSettings.of("db2", 5432)));
    private final RoutingSwitches switches =
            new RoutingSwitches(configured(Overrides.NONE), () -> topology, time, Clock.fixed(NOW, ZoneOffset.UTC));
    private final List<SwitchEvent> events = new ArrayList<>();
    private final Disposable listening = switches.events().subscribe(events::add);

    @Test
    void shouldHoldWhatIsSwitchedAtOnce() {
        switches.routingOff(DISK);
        assertThat(switches.overrides().routing()).isFalse();
        switches.routingOn(REPAIRED);
        switches.lagChecksOff(DISK);
        switches.exclude("db2:5432", DISK);
        switches.maxLag(Duration.ofSeconds(30), DISK);
        switches.maxLag("db1:5432", Duration.ofSeconds(60), DISK);
        switches.replicaShare(25, DISK);
        switches.shadowOn(DISK);
        assertThat(switches.overrides())
                .isEqualTo(Overrides.NONE
                        .lagChecks(false)
                        .excluding(new NodeId("db2:5432"))
                        .maxLag(null, Duration.ofSeconds(30))
                        .maxLag(new NodeId("db1:5432"), Duration.ofSeconds(60))
                        .replicaShare(25)
                        .shadow(true));
        switches.lagChecksOn(REPAIRED);
        switches.include("db2:5432", REPAIRED);
        switches.configuredMaxLag(REPAIRED);
        switches.configuredMaxLag("db1:5432", REPAIRED);
        switches.replicaShare(100, REPAIRED);
        switches.shadowOff(REPAIRED);
        assertThat(switches.overrides()).isEqualTo(Overrides.NONE);
    }

    @Test
    void shouldTellWhatWasSwitchedWithStatesBeforeAndAfter() {
        switches.exclude("db2:5432", DISK);
        pass(Duration.ZERO);
        assertThat(events).singleElement().satisfies(event -> {
            assertThat(event.what()).isEqualTo(new OperatorSwitch(Kind.EXCLUSION, new NodeId("db2:5432")));
            assertThat(event.previous().overrides()).isEqualTo(Overrides.NONE);
            assertThat(event.current()).isEqualTo(switches.state());
            assertThat(event.expired()).isFalse();
            assertThat(event.why()).isEqualTo("disk is full");
            assertThat(event.who()).isEqualTo("alice");
        });
    }

    @Test
    void shouldTellNothingWhereNothingChanges() {
        switches.routingOn(REPAIRED);
        switches.include("db2:5432", REPAIRED);
        switches.replicaShare(100, REPAIRED);
        pass(Duration.ZERO);
        assertThat(events).isEmpty();
    }

    @Test
    void shouldEndWithItsExpiry() {
        switches.routingOff(DISK.expiringIn(HOUR));
        assertThat(switches.overrides().until()).containsEntry(OperatorSwitch.of(Kind.ROUTING), "03:15");
        assertThat(switches.state().expiries()).containsEntry(OperatorSwitch.of(Kind.ROUTING), NOW.plus(HOUR));
        pass(HOUR.minusNanos(1));
        assertThat(switches.overrides().routing()).isFalse();
        pass(Duration.ofNanos(1));
        assertThat(switches.overrides()).isEqualTo(Overrides.NONE);
        assertThat(events).extracting(SwitchEvent::expired).containsExactly(false, true);
        assertThat(events.get(1).why()).isEqualTo("disk is full");
    }

    @Test
    void shouldNameTheDayWhereItIsNotWithinOne() {
        switches.routingOff(DISK.expiringIn(Duration.ofHours(49)));
        assertThat(switches.overrides().until()).containsValue("2024-05-03 03:15");
    }

    @Test
    void shouldUncoverWithAnExpiryWhatWasSwitchedWithoutOne() {
        switches.replicaShare(25, DISK);
        switches.replicaShare(50, DISK.expiringIn(HOUR));
        switches.exclude("db1:5432", DISK);
        assertThat(switches.overrides().replicaShare()).isEqualTo(50);
        pass(HOUR);
        assertThat(switches.overrides())
                .isEqualTo(Overrides.NONE.replicaShare(25).excluding(new NodeId("db1:5432")));
    }

    @Test
    void shouldNotEndWithAnExpiryWhatWasSwitchedMeanwhile() {
        switches.routingOff(DISK.expiringIn(HOUR));
        switches.routingOff(DISK);
        pass(HOUR);
        assertThat(switches.overrides().routing()).isFalse();
        switches.routingOff(DISK.expiringIn(HOUR));
        pass(HOUR.dividedBy(2));
        switches.routingOff(DISK.expiringIn(HOUR));
        pass(HOUR.dividedBy(2));
        assertThat(switches.state().expiries()).hasSize(1);
        pass(HOUR.dividedBy(2));
        assertThat(switches.state().expiries()).isEmpty();
        assertThat(events).filteredOn(SwitchEvent::expired).hasSize(1);
    }

    @Test
    void shouldBeginAndEndWithWhatIsConfigured() {
        RoutingSwitches off = new RoutingSwitches(
                configured(Overrides.NONE.routing(false)), () -> topology, time, Clock.fixed(NOW, ZoneOffset.UTC));
        assertThat(off.overrides().routing()).isFalse();
        off.routingOn(REPAIRED.expiringIn(HOUR));
        assertThat(off.overrides().routing()).isTrue();
        pass(HOUR);
        assertThat(off.overrides().routing()).isFalse();
    }

    @Test
    void shouldRefuseWhatMakesNoSenseAndSayWhatWouldDo() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> switches.exclude("db3", DISK))
                .withMessage("no node is named 'db3'; use one of db1:5432, db2:5432");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> switches.replicaShare(101, DISK))
                .withMessage(
                        "the replica share cannot be 101: use 0 to 100, so many of a hundred reads go to replicas");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> switches.maxLag(Duration.ofMillis(499), DISK))
                .withMessage(
                        "maxLag cannot be PT0.499S: what is known of a replica is as old as the probe interval, so use"
                                + " PT0.5S or more");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> switches.maxLag(Duration.ofSeconds(Long.MAX_VALUE), DISK))
                .withMessageContaining("a hundred years, or switch the lag checks off");
        assertThatIllegalArgumentException().isThrownBy(() -> switches.maxLag("db3", Duration.ofSeconds(5), DISK));
        assertThatIllegalArgumentException().isThrownBy(() -> switches.maxLag("db1:5432", Duration.ZERO, DISK));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DISK.expiringIn(Duration.ZERO))
                .withMessage(
                        "a switch cannot expire after PT0S: give it more than 0 and at most 365 days, or no expiry at all");
        assertThatIllegalArgumentException().isThrownBy(() -> DISK.expiringIn(Duration.ofDays(366)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Terms.because(" "))
                .withMessage("say why it is switched: whoever reads the log at night wants to know");
        assertThatIllegalArgumentException().isThrownBy(() -> DISK.by(""));
        pass(Duration.ZERO);
        assertThat(events).isEmpty();
    }

    @Test
    void shouldEndWithTheFactory() {
        List<String> heard = new ArrayList<>();
        switches.events().doOnComplete(() -> heard.add("end")).subscribe(event -> heard.add(event.why()));
        switches.routingOff(DISK.expiringIn(HOUR));
        switches.end();
        pass(HOUR.multipliedBy(2));
        assertThat(heard).containsExactly("disk is full", "end");
        assertThat(switches.overrides().routing()).isFalse();
        assertThatIllegalStateException().isThrownBy(() -> switches.routingOn(REPAIRED));
        assertThat(listening.isDisposed()).isTrue();
    }

    @Test
    @Timeout(60)
    void shouldTellChangesInTheOrderInWhichTheyTookEffectThoughManySwitchAtOnce() throws InterruptedException {
        int threads = 8;
        // As many as are kept for a slow subscriber.
        int each = 10;
        CountDownLatch begin = new CountDownLatch(1);
        ExecutorService operators = Executors.newFixedThreadPool(threads);
        for (int i = 0; i < threads; i++) {
            int share = i * 12;
            operators.execute(() -> {
                await(begin);
                for (int n = 0; n < each; n++) {
                    switches.replicaShare(share, DISK);
                    switches.replicaShare(share + 1, DISK);
                }
            });
        }
        begin.countDown();
        operators.shutdown();
        assertThat(operators.awaitTermination(50, TimeUnit.SECONDS)).isTrue();
        pass(Duration.ZERO);
        Overrides last = Overrides.NONE;
        for (SwitchEvent event : events) {
            assertThat(event.previous().overrides()).isEqualTo(last);
            assertThat(event.current().overrides()).isNotEqualTo(last);
            last = event.current().overrides();
        }
        assertThat(last).isEqualTo(switches.overrides());
    }

    @Test
    void shouldTellByHowMuchReplicasMayBeFurtherBehindThanConfigured() {
        assertThat(switches.extraLag()).isZero();
        switches.maxLag(Duration.ofSeconds(30), DISK);
        assertThat(switches.extraLag()).isEqualTo(Duration.ofSeconds(25).toNanos());
        switches.maxLag(Duration.ofSeconds(1), DISK);
        assertThat(switches.extraLag()).isZero();
        switches.maxLag("db2:5432", Duration.ofSeconds(10), DISK);
        assertThat(switches.extraLag()).isEqualTo(Duration.ofSeconds(5).toNanos());
        switches.lagChecksOff(DISK);
        assertThat(switches.extraLag()).isGreaterThan(Duration.ofDays(10_000).toNanos());
    }

    /** Else every session that was ever forgotten would be doubted again. */
    @Test
    void shouldTakeNoMoreThanTheTimeWithoutLagChecksForThoseOfWhomLittleIsRemembered() {
        pass(HOUR);
        switches.maxLag(Duration.ofSeconds(30), DISK);
        switches.lagChecksOff(DISK);
        assertThat(switches.extraLagSeen()).isEqualTo(Duration.ofSeconds(25).toNanos());
        pass(HOUR);
        assertThat(switches.extraLagSeen()).isEqualTo(HOUR.toNanos());
        switches.routingOff(DISK);
        switches.lagChecksOff(DISK.expiringIn(HOUR));
        pass(HOUR);
        assertThat(switches.extraLagSeen()).isEqualTo(HOUR.multipliedBy(2).toNanos());
        switches.lagChecksOn(REPAIRED);
        assertThat(switches.extraLagSeen()).isEqualTo(Duration.ofSeconds(25).toNanos());
        switches.lagChecksOff(DISK);
        pass(Duration.ofSeconds(40));
        assertThat(switches.extraLagSeen()).isEqualTo(Duration.ofSeconds(40).toNanos());
    }

    @Test
    void shouldTakeNoMoreThanReplicasAreBehindForThoseOfWhomLittleIsRemembered() {
        switches.lagChecksOff(DISK);
        pass(HOUR);
        seen(Duration.ofSeconds(3));
        assertThat(switches.extraLagSeen()).isZero();
        seen(Duration.ofSeconds(65));
        assertThat(switches.extraLagSeen()).isEqualTo(Duration.ofSeconds(60).toNanos());
        seen(null);
        assertThat(switches.extraLagSeen()).isEqualTo(HOUR.toNanos());
    }

    private void seen(Duration lag) {
        topology = new Topology(
                1,
                List.of(new NodeState(
                        NodeSettings.of("db2", 5432),
                        NodeRole.REPLICA,
                        NodeHealth.HEALTHY,
                        0,
                        1,
                        null,
                        new Replication(
                                new LogPosition(Branch.ofTimeline(1), 1),
                                time.now(TimeUnit.NANOSECONDS),
                                Duration.ofMillis(1),
                                lag,
                                ReplicationLink.UNKNOWN),
                        null)),
                null,
                null);
    }

    /** It would be excluded still if it came back. */
    @Test
    void shouldEndWhatIsSwitchedForANodeThatHasGone() {
        switches.exclude("db2:5432", DISK.expiringIn(HOUR));
        switches.exclude("db1:5432", DISK);
        switches.maxLag("db2:5432", Duration.ofSeconds(60), DISK);
        topology = Topology.unprobed(List.of(NodeSettings.of("db3", 5432)));
        switches.include("db2:5432", REPAIRED);
        switches.include("db1:5432", REPAIRED);
        switches.configuredMaxLag("db2:5432", REPAIRED);
        assertThat(switches.overrides()).isEqualTo(Overrides.NONE);
        assertThatIllegalArgumentException().isThrownBy(() -> switches.include("db2:5432", REPAIRED));
        assertThatIllegalArgumentException().isThrownBy(() -> switches.exclude("db2:5432", DISK));
    }

    @Test
    void shouldKeepNoTimerOfWhatWasSuperseded() {
        for (int i = 0; i < 10; i++) {
            switches.replicaShare(i, DISK.expiringIn(HOUR));
        }
        assertThat(switches.pendingExpiries()).isOne();
        switches.replicaShare(50, DISK);
        assertThat(switches.pendingExpiries()).isZero();
        switches.routingOff(DISK.expiringIn(HOUR));
        switches.shadowOn(DISK.expiringIn(HOUR));
        assertThat(switches.pendingExpiries()).isEqualTo(2);
        pass(HOUR);
        assertThat(switches.pendingExpiries()).isZero();
    }

    private static RoutingSwitches.Configured configured(Overrides overrides) {
        return new RoutingSwitches.Configured(overrides, Duration.ofSeconds(5), Duration.ofMillis(500));
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void pass(Duration duration) {
        time.advanceTimeBy(duration);
    }
}
