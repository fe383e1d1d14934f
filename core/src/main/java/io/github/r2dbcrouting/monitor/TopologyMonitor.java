package io.github.r2dbcrouting.monitor;

import io.github.r2dbcrouting.outlier.OutlierCounts;
import io.github.r2dbcrouting.outlier.OutlierFinding;
import io.github.r2dbcrouting.outlier.OutlierTally;
import io.github.r2dbcrouting.outlier.Standings;
import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.position.PositionBound;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import io.github.r2dbcrouting.topology.TopologyChange;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
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

    private final GuardedReducer reducer;
    private final RandomGenerator random;
    private final ProbeLoops loops;
    private final SingleOwner owner;
    private final MonitorLifecycle lifecycle;
    private final PublishedStates states;
    private final MembershipChanges membership;
    private final OutlierTally outliers = new OutlierTally();

    // Touched by the owner only.
    private final TransitionLog transitions = new TransitionLog();
    private final DueTimes dueTimes;

    private TopologyMonitor(
            List<NodeSettings> nodes,
            Function<NodeSettings, NodeProbe> probes,
            MonitorSettings settings,
            Scheduler scheduler,
            RandomGenerator random,
            Standings standings,
            BranchHistory branches) {
        this.reducer = new GuardedReducer(new TopologyReducer(GRACE, branches), scheduler);
        this.owner = new SingleOwner(reducer::defect);
        this.lifecycle = new MonitorLifecycle(owner, this::begin, this::close, this::end);
        this.dueTimes = new DueTimes(GRACE, scheduler, () -> owner.execute(this::timeOver));
        this.random = random;
        this.states =
                new PublishedStates(MonitorState.unprobed(nodes, standings), scheduler, settings.startupTimeout());
        this.loops = new ProbeLoops(
                node -> new ProbeLoop(node, probes, settings, scheduler, random, owner::execute, this::report),
                owner::execute);
        nodes.forEach(loops::add);
        this.membership = new MembershipChanges(
                new MembershipRules(settings.interval()),
                owner,
                lifecycle,
                loops,
                states::latest,
                event -> follow(states.latest(), reducer.apply(states.latest(), event)),
                scheduler);
    }

    /**
     * Creates a monitor that does nothing yet.
     *
     * @param nodes each with a name of its own; none if all are to be added later
     * @param probes makes the probe of a node; called once for each, when it is first probed, and again only if it threw
     * @param scheduler runs everything and is the clock; its time in nanoseconds must be monotonic, as that of Reactor's own
     *     schedulers is
     * @param random spreads the probes, and the ends of being left out; used by one thread at a time
     * @param standings says when nodes are left out or held back although they answer
     */
    public static TopologyMonitor create(
            List<NodeSettings> nodes,
            Function<NodeSettings, NodeProbe> probes,
            MonitorSettings settings,
            Scheduler scheduler,
            RandomGenerator random,
            Standings standings) {
        return create(nodes, probes, settings, scheduler, random, standings, BranchHistory.unknown());
    }

    static TopologyMonitor create(
            List<NodeSettings> nodes,
            Function<NodeSettings, NodeProbe> probes,
            MonitorSettings settings,
            Scheduler scheduler,
            RandomGenerator random,
            Standings standings,
            BranchHistory branches) {
        return new TopologyMonitor(nodes, probes, settings, scheduler, random, standings, branches);
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
        return states.latest().isReady();
    }

    /**
     * Returns a cold {@link Mono} that emits the snapshot as soon as the monitor {@linkplain #isReady() is ready}, at once if
     * it already is. It does not start the monitor. It fails with a {@link NoUsableNodeException} that names each node's
     * problem after {@link MonitorSettings#startupTimeout()}, or when the monitor ends. Waiters are called back on the
     * scheduler.
     */
    public Mono<Topology> ready() {
        return states.ready();
    }

    /**
     * Returns a cold {@link Mono} that has one more node watched, also if it was paused, and completes when the
     * snapshots show it, not probed yet. It fails with an {@link IllegalArgumentException} if the name or address is that of
     * another node or its {@code maxLag} is shorter than the probe interval or absurdly long, and with an {@link IllegalStateException} after the end. Cancelling takes nothing back.
     */
    public Mono<Void> add(NodeSettings node) {
        return membership.add(node);
    }

    /**
     * Returns a cold {@link Mono} that has a node watched no more: from the next snapshot on there is none of that name, and no
     * late answer of it counts. It completes when the probe's connection is closed. It fails with an
     * {@link IllegalArgumentException} if there is no such node, and with an {@link IllegalStateException} if it is the primary,
     * or was the last one that was seen and no other has taken over, or if no other node can be used, and after the end. Cancelling
     * takes nothing back.
     */
    public Mono<Void> remove(NodeId node) {
        return membership.remove(node, false);
    }

    /**
     * Returns a cold {@link Mono} that does the same for a server that is to be added again under the same name, since it has moved to
     * another address: if it cannot be used it may go whatever it was, the last primary included.
     */
    public Mono<Void> makeWay(NodeId node) {
        return membership.remove(node, true);
    }

    /**
     * Returns a cold {@link Mono} that changes how a node counts, and completes when the snapshots show it. It fails with an
     * {@link IllegalArgumentException} if there is no such node, or the change is to another name or address, or to such a {@code maxLag}. Cancelling takes
     * nothing back.
     *
     * @param change is given the present settings, on the monitor's thread; what it throws fails the {@link Mono}
     */
    public Mono<Void> change(NodeId node, UnaryOperator<NodeSettings> change) {
        return membership.change(node, change);
    }

    @Override
    public Topology current() {
        return states.latest().topology();
    }

    /**
     * Returns a hot {@link Flux} of the snapshots: the latest at once, then each that differs in anything, samples included.
     * A subscriber that is slow misses snapshots but always gets the newest. It completes when the monitor ends and never
     * fails. Subscribers are called on the scheduler and must not block.
     */
    @Override
    public Flux<Topology> topology() {
        return states.topology();
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
        NodeState present = current().node(node);
        ProbeLoop loop = loops.of(node);
        if (loop != null && present != null && generation >= present.generation()) {
            loop.suspect();
        }
    }

    /**
     * Tells what became of statements on a node. Never waits. What follows, if anything does, is an event like the result of a
     * probe: the node is degraded in the snapshots for a while. What was found of an earlier life of the node is ignored.
     *
     * @param keptOut the nodes that operators keep from reads: who is left with few does not leave out the last of them
     */
    public void found(OutlierFinding finding, Set<NodeId> keptOut) {
        owner.execute(() -> {
            if (lifecycle.isRunning()) {
                report(new MonitorEvent.Outlying(finding, keptOut, random.nextDouble()));
            }
        });
    }

    /** Returns how often nodes were left out or held back. */
    public OutlierCounts outliers() {
        return outliers.counts();
    }

    @Override
    public void refresh(NodeId node) {
        refresh(node, PositionBound.NONE);
    }

    @Override
    public void refresh(NodeId node, PositionBound awaited) {
        ProbeLoop loop = loops.of(node);
        if (loop != null) {
            loop.refresh(awaited);
        }
    }

    /** Returns what is known of how branches descend, by the latest snapshot whenever it is asked. */
    public BranchHistory branches() {
        return (reached, required) -> current().lineage().covers(reached, required);
    }

    private void begin() {
        report(new MonitorEvent.Unwatched("not probed yet"));
        loops.begin();
    }

    private Mono<Void> close() {
        dueTimes.stop();
        Mono<Void> closing = loops.stop();
        report(new MonitorEvent.Unwatched("not watched at present"));
        return closing;
    }

    private void end() {
        states.end();
    }

    /** Takes the step that an event asks for. Runs on the owner. */
    private void report(MonitorEvent event) {
        MonitorState before = states.latest();
        follow(before, reducer.applyOrTell(before, event));
    }

    private void follow(MonitorState before, MonitorState after) {
        states.publish(after);
        outliers.follow(before.topology(), after.topology());
        transitions.write(after);
        if (lifecycle.isRunning()) {
            dueTimes.follow(before, after);
            if (after.isDoubtfulAfter(before)) {
                // What was seen of the others is now the past; the sooner it is confirmed, the shorter is any doubt.
                loops.suspect();
            }
        }
    }

    private void timeOver() {
        if (lifecycle.isRunning()) {
            report(new MonitorEvent.TimeOver());
        }
    }
}
