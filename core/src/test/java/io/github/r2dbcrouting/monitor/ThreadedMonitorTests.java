package io.github.r2dbcrouting.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.position.Branch;
import io.github.r2dbcrouting.position.LogPosition;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeProblem;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.ReplicationLink;
import io.github.r2dbcrouting.topology.ServerIdentity;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** What only real threads can show. */
class ThreadedMonitorTests {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Scheduler scheduler = Schedulers.newParallel("monitor-test", 4, true);
    private final AtomicLong lsn = new AtomicLong();
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger closes = new AtomicInteger();
    private final AtomicInteger overlaps = new AtomicInteger();
    private final AtomicReference<Mono<ProbeResult>> accident = new AtomicReference<>();
    private final TopologyMonitor monitor = TopologyMonitor.create(
            List.of(NodeSettings.of("a", 1)),
            node -> new ScriptedProbe(),
            new MonitorSettings(Duration.ofMillis(20), Duration.ofMillis(500), PATIENCE),
            scheduler,
            RandomGenerator.of("L64X128MixRandom"),
            ScriptedCluster.NOBODY_LEFT_OUT);

    private final class ScriptedProbe implements NodeProbe {

        private boolean connected;

        @Override
        public Mono<ProbeResult> probe() {
            Mono<ProbeResult> failure = accident.get();
            if (failure != null) {
                return failure;
            }
            return Mono.defer(() -> {
                if (running.getAndIncrement() != 0) {
                    overlaps.incrementAndGet();
                }
                // Before the answer is handed over, since the next probe may begin right then.
                AtomicBoolean over = new AtomicBoolean();
                Runnable end = () -> {
                    if (over.compareAndSet(false, true)) {
                        running.decrementAndGet();
                    }
                };
                return Mono.fromSupplier(this::result)
                        .subscribeOn(scheduler)
                        .doOnNext(result -> end.run())
                        .doOnCancel(end);
            });
        }

        private ProbeResult result() {
            boolean reconnected = !connected;
            connected = true;
            return new ProbeResult(
                    NodeRole.PRIMARY,
                    new ServerIdentity("7001", "1", "18"),
                    new LogPosition(Branch.ofTimeline(1), lsn.incrementAndGet()),
                    ReplicationLink.UNKNOWN,
                    reconnected);
        }

        @Override
        public Mono<Void> close() {
            return Mono.fromRunnable(closes::incrementAndGet);
        }
    }

    @AfterEach
    void end() {
        monitor.dispose().block(PATIENCE);
        scheduler.dispose();
    }

    @Test
    void shouldServeManySuspiciousThreadsInOrder() {
        monitor.start();
        monitor.ready().block(PATIENCE);
        Flux<Topology> watched = monitor.topology().take(30).cache();
        watched.subscribe();

        Flux.range(0, 8)
                .flatMap(thread -> Mono.fromRunnable(() -> {
                            for (int i = 0; i < 20_000; i++) {
                                monitor.suspect(monitor.current().nodes().get(0).id(), 1);
                            }
                        })
                        .subscribeOn(Schedulers.boundedElastic()))
                .blockLast(PATIENCE);

        List<Long> positions =
                watched.map(ThreadedMonitorTests::lsn).collectList().block(PATIENCE);
        assertThat(positions).hasSize(30).isSorted().doesNotHaveDuplicates();
        assertThat(overlaps).hasValue(0);
    }

    @Test
    void shouldSurviveAProbeThatDiesWithItsThread() {
        monitor.start();
        monitor.ready().block(PATIENCE);
        accident.set(Mono.from(subscriber -> {
            throw new NoClassDefFoundError("missing/Codec");
        }));
        Topology lost = monitor.topology()
                .filter(topology -> topology.nodes().get(0).health() == NodeHealth.UNHEALTHY)
                .blockFirst(PATIENCE);
        assertThat(lost.primary()).isNull();

        accident.set(null);
        assertThat(monitor.ready().block(PATIENCE).primary()).isNotNull();
    }

    @Test
    void shouldNotLetAProbeThatBlocksTakeOneThreadAfterTheOther() {
        AtomicBoolean released = new AtomicBoolean();
        AtomicInteger blocked = new AtomicInteger();
        accident.set(Mono.defer(() -> {
            blocked.incrementAndGet();
            boolean busy = true;
            while (busy) {
                busy = !released.get();
            }
            return Mono.error(new ProbeException(NodeProblem.unanswered("too late"), null));
        }));
        monitor.start();
        Topology lost = monitor.topology()
                .filter(topology -> topology.nodes().get(0).health() == NodeHealth.UNHEALTHY)
                .blockFirst(PATIENCE);
        assertThat(lost.nodes().get(0).problem()).hasToString("no answer within 500 ms");
        monitor.pause().block(PATIENCE);
        monitor.start();
        assertThat(blocked).hasValue(1);

        accident.set(null);
        released.set(true);
        assertThat(monitor.ready().block(PATIENCE).primary()).isNotNull();
    }

    @Test
    void shouldStartAndPauseAsOftenAsAsked() {
        for (int i = 0; i < 200; i++) {
            monitor.start();
            if (i % 3 == 0) {
                monitor.ready().block(PATIENCE);
            }
            Mono<Void> paused = monitor.pause();
            if (i % 2 == 0) {
                paused.block(PATIENCE);
                assertThat(monitor.isReady()).isFalse();
            } else {
                paused.subscribe();
            }
        }
        monitor.start();

        assertThat(monitor.ready().block(PATIENCE).epoch()).isEqualTo(1);
        assertThat(overlaps).hasValue(0);
    }

    @Test
    void shouldEndThoughItsSchedulerEndedBefore() {
        monitor.start();
        monitor.ready().block(PATIENCE);
        scheduler.dispose();
        monitor.suspect(monitor.current().nodes().get(0).id(), 99);

        monitor.dispose().block(PATIENCE);
        assertThat(monitor.isReady()).isFalse();
        assertThat(closes).hasValue(1);
    }

    private static long lsn(Topology topology) {
        return ((LogPosition) topology.nodes().get(0).replication().position()).lsn();
    }
}
