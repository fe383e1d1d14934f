package io.github.r2dbcrouting.retry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.error.FallbackRefusedException;
import io.github.r2dbcrouting.settings.PerNode;
import io.github.r2dbcrouting.settings.PoolSettings;
import io.github.r2dbcrouting.settings.RetrySettings.Fallback;
import io.github.r2dbcrouting.topology.NodeId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

/** Permits under many threads, with cancellations at any moment. One at a time: {@code connection.FallbackTests}. */
class FallbackGateTests {

    private static final int LIMIT = 4;
    private static final int READS = 20_000;

    @Test
    void shouldNeverHaveMoreOutThanItMayAndGetEachBackOnce() {
        FallbackGate gate = new FallbackGate(new Fallback(LIMIT, 32, Duration.ofSeconds(10)), Schedulers.parallel());
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Flux.range(0, READS)
                .flatMap(read -> read(gate, running, most).subscribeOn(Schedulers.boundedElastic()), 64)
                .blockLast(Duration.ofSeconds(60));
        assertThat(most.get()).isBetween(1, LIMIT);
        // The last ones may have given up while another thread was handing them a permit, which they give back on that.
        await().untilAsserted(() -> {
            assertThat(gate.counts().running()).isZero();
            assertThat(gate.counts().waiting()).isZero();
        });
        assertThat(gate.counts().most()).isLessThanOrEqualTo(LIMIT);
    }

    @Test
    void shouldLetHalfOfThePoolFallBackAndNoMoreThanTheSmallestOneHas() {
        PoolSettings ten = PoolSettings.defaults();
        PoolSettings three = ten.with(new PoolSettings.Size(0, 0, 3), PoolSettings.Timeouts.NONE);
        assertThat(Fallback.defaults(PerNode.all(ten)).limit()).isEqualTo(5);
        assertThat(Fallback.defaults(new PerNode<>(ten, Map.of(new NodeId("small"), three)))
                        .limit())
                .isEqualTo(3);
        assertThat(Fallback.defaults(new PerNode<>(three, Map.of(new NodeId("big"), ten)))
                        .limit())
                .isEqualTo(1);
    }

    @Test
    void shouldLetNobodyWaitWhereTheQueueIsOff() {
        FallbackGate gate = new FallbackGate(new Fallback(1, 0, Duration.ofSeconds(10)), Schedulers.parallel());
        FallbackPermit permit = gate.enter().block();
        StepVerifier.create(gate.enter()).verifyError(FallbackRefusedException.class);
        permit.endLoose();
        permit.endLoose();
        assertThat(gate.counts().running()).isZero();
    }

    @Test
    void shouldKeepThePermitOfOneWhoGoesWhenItIsItsTurn() {
        List<Runnable> calls = new ArrayList<>();
        FallbackGate gate = new FallbackGate(new Fallback(1, 1, Duration.ofSeconds(10)), holdingBack(calls));
        FallbackPermit permit = gate.enter().block();
        List<FallbackPermit> second = new ArrayList<>();
        Disposable waiting = gate.enter().subscribe(second::add);
        permit.endLoose();
        assertThat(gate.counts().running()).as("called, not told yet").isEqualTo(1);
        waiting.dispose();
        assertThat(calls).hasSize(1).first().satisfies(Runnable::run);
        assertThat(second).isEmpty();
        assertThat(gate.counts()).isEqualTo(new FallbackReads(0, 0, 1, 1, 1, 0));
    }

    @Test
    void shouldTieAPermitToOneConnectionOnly() {
        FallbackGate gate = new FallbackGate(new Fallback(1, 0, Duration.ofSeconds(10)), Schedulers.parallel());
        FallbackPermit permit = gate.enter().block();
        assertThat(permit.tie()).isTrue();
        assertThat(permit.tie()).isFalse();
        permit.endLoose();
        assertThat(gate.counts().running()).isEqualTo(1);
        permit.endTied();
        permit.endTied();
        assertThat(gate.counts().running()).isZero();
    }

    private static Scheduler holdingBack(List<Runnable> calls) {
        return new Scheduler() {
            @Override
            public Disposable schedule(Runnable task) {
                calls.add(task);
                return Disposables.single();
            }

            @Override
            public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
                return Disposables.single();
            }

            @Override
            public Worker createWorker() {
                throw new UnsupportedOperationException();
            }
        };
    }

    /** Some give up before or while they hold a permit; whoever has one gives it back in one of two ways. */
    private static Mono<Void> read(FallbackGate gate, AtomicInteger running, AtomicInteger most) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        long patience = random.nextInt(4) == 0 ? random.nextInt(500) : 10_000_000;
        return gate.enter()
                .flatMap(permit -> Mono.<Void>fromRunnable(() -> {
                            most.accumulateAndGet(running.incrementAndGet(), Math::max);
                            if (random.nextBoolean()) {
                                permit.tie();
                            }
                            running.decrementAndGet();
                        })
                        .doFinally(signal -> {
                            permit.endLoose();
                            permit.endTied();
                        }))
                .timeout(Duration.ofNanos(patience * 1_000))
                .onErrorComplete();
    }
}
