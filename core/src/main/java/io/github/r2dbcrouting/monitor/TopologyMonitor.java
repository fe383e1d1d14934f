package io.github.r2dbcrouting.monitor;

import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.position.PositionBound;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeProblem;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import io.github.r2dbcrouting.topology.TopologyChange;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/**
 * Watches all nodes, each in a loop of its own, and publishes what follows as snapshots.
 *
 * <p>Whatever happens is put into one queue and worked off by one owner at a time: it takes the pure step to the next
 * state, publishes it, and only then acts on it. No lock is held anywhere, and a call from outside never waits.
 *
 * <p>The monitor has no threads of its own. It runs on the given scheduler only, which must not be disposed of before
 * the monitor, and nothing static refers to it.
 */
public final class TopologyMonitor implements TopologySource {

    /** How long slower nodes are waited for at the start, once one node is usable. */
    static final Duration GRACE = Duration.ofMillis(250);

    private static final Logger log = LoggerFactory.getLogger(TopologyMonitor.class);

    private final MonitorSettings settings;
    private final Scheduler scheduler;
    private final TopologyReducer reducer;
    private final Map<NodeId, ProbeLoop> loops = new LinkedHashMap<>();
    private final SingleOwner owner = new SingleOwner(this::logOnce);
    private final MonitorLifecycle lifecycle = new MonitorLifecycle(owner, this::begin, this::close, this::end);
    private final Sinks.Many<MonitorState> states = Sinks.many().replay().latest();
    private volatile MonitorState state;

    // Touched by the owner only.
    private final TransitionLog transitions = new TransitionLog();
    private Disposable graceTimer = Disposables.disposed();
    private @Nullable String lastDefect;

    private TopologyMonitor(
            List<NodeSettings> nodes,
            Function<NodeSettings, NodeProbe> probes,
            MonitorSettings settings,
            Scheduler scheduler,
            RandomGenerator random,
            BranchHistory branches) {
        this.settings = settings;
        this.reducer = new TopologyReducer(GRACE, branches);
        this.scheduler = scheduler;
        this.state = MonitorState.unprobed(nodes);
        for (NodeSettings node : nodes) {
            ProbeLoop loop = new ProbeLoop(node, probes, settings, scheduler, random, owner::execute, this::report);
            if (loops.put(node.id(), loop) != null) {
                throw new IllegalArgumentException("two nodes are named " + node.id() + "; give each its own name");
            }
        }
        states.tryEmitNext(state);
    }

    /**
     * Creates a monitor that does nothing yet.
     *
     * @param nodes at least one node, each with a name of its own
     * @param probes makes the probe of a node; called once for each, when it is first probed, and again only if it threw
     * @param scheduler runs everything and is the clock; its time in nanoseconds must be monotonic, as that of Reactor's own
     *     schedulers is
     * @param random spreads the probes; used by one thread at a time
     */
    public static TopologyMonitor create(
            List<NodeSettings> nodes,
            Function<NodeSettings, NodeProbe> probes,
            MonitorSettings settings,
            Scheduler scheduler,
            RandomGenerator random) {
        return create(nodes, probes, settings, scheduler, random, BranchHistory.unknown());
    }

    static TopologyMonitor create(
            List<NodeSettings> nodes,
            Function<NodeSettings, NodeProbe> probes,
            MonitorSettings settings,
            Scheduler scheduler,
            RandomGenerator random,
            BranchHistory branches) {
        if (nodes.isEmpty()) {
            throw new IllegalArgumentException("there is no node to watch; configure at least one");
        }
        return new TopologyMonitor(nodes, probes, settings, scheduler, random, branches);
    }

    /** Starts watching, also after a {@link #pause()}. Does nothing while running or after {@link #dispose()}. */
    public void start() {
        lifecycle.start();
    }

    /**
     * Returns a cold {@link Mono} that stops watching and closes the probes' connections. It completes when they are
     * closed, or at once if nothing runs or if {@link #start()} was called again meanwhile; it never fails. From then on no
     * node is usable, because nobody knows. Cancelling it takes nothing back.
     */
    public Mono<Void> pause() {
        return lifecycle.pause();
    }

    /**
     * Returns a cold {@link Mono} that ends everything for good, as {@link #pause()} does, and completes
     * {@link #topology()}. May be subscribed more than once; cancelling it takes nothing back.
     */
    public Mono<Void> dispose() {
        return lifecycle.end();
    }

    /**
     * Returns whether {@link #ready()} would answer at once: a node is usable, and since watching began every node was
     * heard of or was given its time. One volatile read.
     */
    public boolean isReady() {
        return state.isReady();
    }

    /**
     * Returns a cold {@link Mono} that emits the snapshot as soon as the monitor {@linkplain #isReady() is ready}, at once if
     * it already is. It does not start the monitor. It fails with a {@link NoUsableNodeException} that names each node's
     * problem after {@link MonitorSettings#startupTimeout()}, or when the monitor ends. Waiters are called back on the
     * scheduler.
     */
    public Mono<Topology> ready() {
        return Mono.defer(() -> {
            MonitorState present = state;
            if (present.isReady()) {
                return Mono.just(present.topology());
            }
            return states.asFlux()
                    .filter(MonitorState::isReady)
                    .next()
                    .map(MonitorState::topology)
                    .switchIfEmpty(Mono.error(() -> new NoUsableNodeException("the monitor has ended", List.of())))
                    .timeout(settings.startupTimeout(), Mono.error(this::noUsableNode), scheduler)
                    .publishOn(scheduler);
        });
    }

    @Override
    public Topology current() {
        return state.topology();
    }

    /**
     * Returns a hot {@link Flux} of the snapshots: the latest at once, then each that differs in anything, samples included.
     * A subscriber that is slow misses snapshots but always gets the newest. It completes when the monitor ends and never
     * fails. Subscribers are called on the scheduler and must not block.
     */
    @Override
    public Flux<Topology> topology() {
        return states.asFlux()
                .map(MonitorState::topology)
                .distinctUntilChanged()
                .onBackpressureLatest()
                .publishOn(scheduler, 1);
    }

    /**
     * Returns a hot {@link Flux} of the changes since the subscription in anything but samples: role, health, generation,
     * primary, epoch, alarm. Each begins where the one before it ended; for a slow subscriber several become one.
     * Otherwise as {@link #topology()}.
     */
    public Flux<TopologyChange> changes() {
        return topology()
                .distinctUntilChanged(Function.identity(), Topology::differsInSamplesOnly)
                .buffer(2, 1)
                .filter(pair -> pair.size() == 2)
                .map(pair -> new TopologyChange(pair.get(0), pair.get(1)));
    }

    @Override
    public void suspect(NodeId node, long generation) {
        NodeState present = state.topology().node(node);
        ProbeLoop loop = loops.get(node);
        if (loop != null && present != null && generation >= present.generation()) {
            loop.suspect();
        }
    }

    @Override
    public void refresh(NodeId node) {
        refresh(node, PositionBound.NONE);
    }

    @Override
    public void refresh(NodeId node, PositionBound awaited) {
        ProbeLoop loop = loops.get(node);
        if (loop != null) {
            loop.refresh(awaited);
        }
    }

    /** Returns what is known of how branches descend, by the latest snapshot whenever it is asked. */
    public BranchHistory branches() {
        return (reached, required) -> current().lineage().covers(reached, required);
    }

    private NoUsableNodeException noUsableNode() {
        List<NodeState> nodes = state.topology().nodes();
        String problems = nodes.stream()
                .map(node -> node.id() + ": " + (node.problem() == null ? "healthy" : node.problem()))
                .collect(Collectors.joining("; "));
        return new NoUsableNodeException(
                "no usable node within " + settings.startupTimeout().toMillis() + " ms: " + problems
                        + ". Check that the nodes run, can be reached from here and let the configured user in",
                nodes);
    }

    private void begin() {
        report(new MonitorEvent.Unwatched("not probed yet"));
        loops.values().forEach(ProbeLoop::begin);
    }

    private Mono<Void> close() {
        graceTimer.dispose();
        List<Mono<Void>> closing = loops.values().stream().map(ProbeLoop::stop).toList();
        report(new MonitorEvent.Unwatched("not watched at present"));
        return Mono.when(closing);
    }

    private void end() {
        states.tryEmitComplete();
    }

    /** Takes the step that an event asks for. Runs on the owner. */
    private void report(MonitorEvent event) {
        MonitorState before = state;
        MonitorState after = step(before, event);
        state = after;
        if (!after.topology().equals(before.topology()) || after.isReady() != before.isReady()) {
            // With a single owner the only possible failure is that the monitor has ended.
            states.tryEmitNext(after);
        }
        transitions.write(after);
        if (lifecycle.isRunning()) {
            awaitGrace(before, after);
            if (isInDoubt(before.topology(), after.topology())) {
                // What was seen of the others is now the past; the sooner it is confirmed, the shorter is any doubt.
                loops.values().forEach(ProbeLoop::suspect);
            }
        }
    }

    private MonitorState step(MonitorState before, MonitorEvent event) {
        long now = scheduler.now(TimeUnit.NANOSECONDS);
        try {
            return reducer.apply(before, event, now);
        } catch (RuntimeException defect) {
            logOnce(defect);
            return event instanceof MonitorEvent.Answered answered
                    ? reducer.apply(
                            before,
                            new MonitorEvent.Failed(
                                    answered.node(), NodeProblem.unanswered("its answer cannot be used: " + defect)),
                            now)
                    : before;
        }
    }

    private void awaitGrace(MonitorState before, MonitorState after) {
        if (after.awaitsGrace() && !before.awaitsGrace()) {
            graceTimer = scheduler.schedule(
                    () -> owner.execute(() -> {
                        if (lifecycle.isRunning()) {
                            report(new MonitorEvent.GraceOver());
                        }
                    }),
                    GRACE.toNanos(),
                    TimeUnit.NANOSECONDS);
        }
    }

    private static boolean isInDoubt(Topology before, Topology after) {
        for (int i = 0; i < after.nodes().size(); i++) {
            if (isWritable(before.nodes().get(i)) != isWritable(after.nodes().get(i))) {
                return true;
            }
        }
        return before.primary() != null && after.primary() == null;
    }

    private static boolean isWritable(NodeState node) {
        return node.role() == NodeRole.PRIMARY;
    }

    private void logOnce(Throwable defect) {
        String text = defect.toString();
        if (!text.equals(lastDefect)) {
            lastDefect = text;
            log.warn("the monitor goes on after a defect", defect);
        }
    }
}
