package io.github.r2dbcrouting.monitor;

import io.github.r2dbcrouting.position.PositionBound;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeProblem;
import io.github.r2dbcrouting.topology.NodeSettings;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/**
 * Probes one node again and again: a probe, a pause, the next probe. Whatever a probe does, throwing included, ends in one
 * event and then in the next probe.
 *
 * <p>Unless said otherwise its methods run on the monitor's single owner, so its fields need no lock. Probes are sent from
 * the scheduler and not from the owner: one that blocks delays no other node's events.
 */
final class ProbeLoop {

    /** Between two probes of a node there is at least this much, however many suspicions there are. */
    static final Duration GAP = Duration.ofMillis(10);

    /** Between two probes of a node that answers, while somebody waits for its position. */
    static final Duration SHORT_GAP = Duration.ofMillis(1);

    /** Only shortened: whoever waits for a frozen node waits for an interval and a timeout at most. */
    private static final double JITTER = 0.1;

    private static final Logger log = LoggerFactory.getLogger(TopologyMonitor.class);

    private final NodeSettings node;
    private final Function<NodeSettings, NodeProbe> probes;
    private final MonitorSettings settings;
    private final Scheduler scheduler;
    private final RandomGenerator random;
    private final Consumer<Runnable> owner;
    private final Consumer<MonitorEvent> events;

    private final AtomicBoolean suspected = new AtomicBoolean();
    private final AtomicBoolean awaited = new AtomicBoolean();
    private final AtomicReference<PositionBound> toCover = new AtomicReference<>(PositionBound.NONE);
    private volatile @Nullable NodeProbe probe;
    private volatile @Nullable String lastSurprise;

    private Disposable timer = Disposables.disposed();
    private Disposable subscription = Disposables.disposed();
    private boolean running;
    private boolean probing;
    private boolean sending;
    private boolean overdue;
    private Sinks.Empty<Void> sendingOver = Sinks.empty();
    private boolean failing;
    private long attempt;
    private long endedAt;
    private long dueAt;

    /**
     * Creates a loop that stands still.
     *
     * @param owner runs a task on the monitor's single owner; called from any thread
     * @param events takes each result; called on the owner
     */
    ProbeLoop(
            NodeSettings node,
            Function<NodeSettings, NodeProbe> probes,
            MonitorSettings settings,
            Scheduler scheduler,
            RandomGenerator random,
            Consumer<Runnable> owner,
            Consumer<MonitorEvent> events) {
        this.node = node;
        this.probes = probes;
        this.settings = settings;
        this.scheduler = scheduler;
        this.random = random;
        this.owner = owner;
        this.events = events;
    }

    NodeId id() {
        return node.id();
    }

    void begin() {
        running = true;
        failing = false;
        send(++attempt);
    }

    /** Gives up the running probe and closes the connection. Returns what completes then, or after the time-out. */
    Mono<Void> stop() {
        running = false;
        probing = false;
        overdue = false;
        attempt++;
        timer.dispose();
        giveUp();
        // A probe that is only now being sent would else open a connection behind the back of the closing.
        Mono<Void> sent = sending ? sendingOver.asMono() : Mono.empty();
        Sinks.Empty<Void> closed = Sinks.empty();
        sent.then(Mono.defer(this::close))
                .subscribe(
                        null,
                        error -> {
                            log.debug("closing the probe of node {} failed", node.id(), error);
                            closed.tryEmitEmpty();
                        },
                        closed::tryEmitEmpty);
        // The time-out ends only the waiting. So does a scheduler that has ended, which looks like a time-out.
        return closed.asMono().timeout(settings.timeout(), scheduler).onErrorComplete();
    }

    private Mono<Void> close() {
        NodeProbe open = probe;
        return open == null ? Mono.empty() : open.close();
    }

    /**
     * Asks for a probe that is sent after this call: at once, or right after the one that is under way. Any thread. However
     * many suspicions come before that probe is sent, they cause only the one.
     */
    void suspect() {
        if (!suspected.get() && suspected.compareAndSet(false, true)) {
            owner.accept(() -> hurry(GAP));
        }
    }

    /**
     * Asks for a probe that is sent after this call, as {@link #suspect} does, but with less of a pause if the node answers.
     *
     * @param bound what the node is to have covered; of several that are asked for before that probe, the first, who has waited longest
     */
    void refresh(PositionBound bound) {
        if (!bound.isNone()) {
            toCover.compareAndSet(PositionBound.NONE, bound);
        }
        if (!awaited.get() && awaited.compareAndSet(false, true)) {
            owner.accept(() -> hurry(failing ? GAP : SHORT_GAP));
        }
    }

    private void hurry(Duration gap) {
        long sooner = endedAt + gap.toNanos();
        if (running && !probing && sooner - dueAt < 0) {
            sendAfter(Math.max(0, sooner - now()));
        }
    }

    private void sendAfter(long nanos) {
        overdue = false;
        dueAt = now() + nanos;
        schedule(nanos, ++attempt, this::send);
    }

    /** Sets the one timer of the loop. */
    private void schedule(long nanos, long number, LongConsumer step) {
        timer.dispose();
        try {
            timer = scheduler.schedule(
                    () -> owner.accept(() -> {
                        if (number == attempt) {
                            step.accept(number);
                        }
                    }),
                    nanos,
                    TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException schedulerHasEnded) {
            log.debug("node {} is not probed any more", node.id(), schedulerHasEnded);
        }
    }

    private void send(long number) {
        if (sending) {
            // The last one has blocked its thread since; there is no use in letting it block another one.
            overdue = true;
            return;
        }
        suspected.set(false);
        awaited.set(false);
        probing = true;
        sending = true;
        sendingOver = Sinks.empty();
        Disposable.Swap inFlight = Disposables.swap();
        subscription = inFlight;
        // Not the operator, whose time does not run while the probe blocks the thread that subscribes.
        schedule(settings.timeout().toNanos(), number, this::timedOut);
        try {
            scheduler.schedule(() -> subscribe(number, inFlight));
        } catch (RejectedExecutionException schedulerHasEnded) {
            sent();
        }
    }

    /** Runs on the scheduler. */
    private void subscribe(long number, Disposable.Swap inFlight) {
        try {
            if (!inFlight.isDisposed()) {
                inFlight.replace(Mono.defer(this::ask)
                        .onErrorResume(error -> Mono.just(failed(error)))
                        .subscribe(event -> owner.accept(() -> ended(number, event))));
            }
        } catch (Throwable death) {
            // Reactor lets through what it takes for the end of the process, such as a class that is missing.
            MonitorEvent event = failed(death);
            owner.accept(() -> ended(number, event));
        } finally {
            owner.accept(this::sent);
        }
    }

    private void timedOut(long number) {
        giveUp();
        long millis = settings.timeout().toMillis();
        ended(number, new MonitorEvent.Failed(node.id(), NodeProblem.unanswered("no answer within " + millis + " ms")));
    }

    private void giveUp() {
        try {
            subscription.dispose();
        } catch (RuntimeException defect) {
            log.warn("giving up the probe of node {} failed", node.id(), defect);
        }
    }

    private void sent() {
        sending = false;
        sendingOver.tryEmitEmpty();
        if (overdue) {
            overdue = false;
            send(attempt);
        }
    }

    private Mono<MonitorEvent> ask() {
        long sentAt = now();
        NodeProbe open = probe;
        if (open == null) {
            open = probes.apply(node);
            probe = open;
        }
        PositionBound bound = toCover.getAndSet(PositionBound.NONE);
        return (bound.isNone() ? open.probe() : open.probe(bound))
                .switchIfEmpty(
                        Mono.error(() -> new ProbeException(NodeProblem.unanswered("the probe gave no answer"), null)))
                .map(result -> new MonitorEvent.Answered(node.id(), sentAt, Duration.ofNanos(now() - sentAt), result));
    }

    private MonitorEvent failed(Throwable error) {
        if (error instanceof ProbeException expected) {
            return new MonitorEvent.Failed(node.id(), expected.problem());
        }
        String surprise = error.toString();
        if (!surprise.equals(lastSurprise)) {
            lastSurprise = surprise;
            log.warn("probe of node {} failed in an unexpected way", node.id(), error);
        }
        return new MonitorEvent.Failed(node.id(), NodeProblem.unanswered("the probe failed: " + surprise));
    }

    private void ended(long number, MonitorEvent event) {
        if (number != attempt) {
            return;
        }
        probing = false;
        endedAt = now();
        boolean failed = event instanceof MonitorEvent.Failed failure && failure.isSilent();
        // One failure may be an accident: the second probe tells soon whether the node is lost.
        boolean soon = suspected.get() || (failed && !failing) || (failed && awaited.get());
        failing = failed;
        if (event instanceof MonitorEvent.Answered) {
            lastSurprise = null;
        }
        sendAfter(soon ? GAP.toNanos() : awaited.get() ? SHORT_GAP.toNanos() : interval());
        events.accept(event);
    }

    private long interval() {
        return (long) (settings.interval().toNanos() * (1 - JITTER * random.nextDouble()));
    }

    private long now() {
        return scheduler.now(TimeUnit.NANOSECONDS);
    }
}
