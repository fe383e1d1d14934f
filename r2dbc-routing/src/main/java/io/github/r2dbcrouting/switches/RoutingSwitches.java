package io.github.r2dbcrouting.switches;

import io.github.r2dbcrouting.selection.Overrides;
import io.github.r2dbcrouting.settings.Durations;
import io.github.r2dbcrouting.switches.SwitchChange.Exclusion;
import io.github.r2dbcrouting.switches.SwitchChange.LagChecks;
import io.github.r2dbcrouting.switches.SwitchChange.MaxLag;
import io.github.r2dbcrouting.switches.SwitchChange.ReplicaShare;
import io.github.r2dbcrouting.switches.SwitchChange.Routing;
import io.github.r2dbcrouting.switches.SwitchChange.Shadow;
import io.github.r2dbcrouting.switches.Switched.Passing;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;

/**
 * What operators switch while the application runs. Each switch takes effect with the next decision: when the call returns, statements
 * that begin are routed by it; what runs, or is in a transaction, goes on where it is. What is switched for a time gives way to what was last
 * switched without an expiry, or to what is configured. Nothing is remembered beyond the factory.
 *
 * <p>Each change is logged, and an {@linkplain #events() event}; one that changes nothing is neither. Safe for concurrent use; no call waits.
 * All calls throw an {@link IllegalArgumentException} that names what would do if their argument makes no sense, and then change
 * nothing; and an {@link IllegalStateException} once the factory is closed.
 */
public final class RoutingSwitches {

    private static final AtomicReferenceFieldUpdater<RoutingSwitches, Switched> SWITCHED =
            AtomicReferenceFieldUpdater.newUpdater(RoutingSwitches.class, Switched.class, "switched");

    private volatile Switched switched;
    private final Supplier<Topology> topology;
    private final Configured configured;
    private final Scheduler timers;
    private final Clock clock;
    private final SwitchEvents events;
    private final Expiries expiries;

    /**
     * What holds while nothing is switched.
     *
     * @param overrides what is switched at the beginning
     * @param maxLag how far replicas may be behind
     * @param probeInterval what is known of a node is as old
     */
    public record Configured(Overrides overrides, Duration maxLag, Duration probeInterval) {}

    /**
     * Creates the switches of a factory.
     *
     * @param configured what holds while nothing is switched
     * @param topology tells which nodes there are
     * @param timers times expiries, and calls whoever listens to events
     * @param clock tells the time of day at which switches expire, as operators read it
     */
    public RoutingSwitches(Configured configured, Supplier<Topology> topology, Scheduler timers, Clock clock) {
        this.switched = Switched.initially(configured.overrides(), timers.now(TimeUnit.NANOSECONDS));
        this.configured = configured;
        this.topology = topology;
        this.timers = timers;
        this.clock = clock;
        this.events = new SwitchEvents(timers);
        this.expiries = new Expiries(timers);
    }

    /** Returns what holds at this moment. Quick, for the path of statements. */
    public Overrides overrides() {
        return switched.state().overrides();
    }

    /** Returns what holds at this moment, and until when. */
    public SwitchState state() {
        return switched.state();
    }

    /**
     * Returns by how much replicas that serve reads may be further behind than is configured for all, in nanoseconds: for as much
     * longer those sessions read on the primary of which it is not known what they wrote.
     */
    public long extraLag() {
        Overrides present = overrides();
        return present.lagChecks() ? ExtraLag.of(present, configured, topology.get()) : ExtraLag.FOREVER;
    }

    /**
     * Returns the same for sessions of which so little is remembered that others are taken for them: without lag checks it is no longer
     * than since they were switched off, nor than any replica may be behind by what is known of it.
     */
    public long extraLagSeen() {
        return ExtraLag.seen(switched, configured, topology.get(), timers.now(TimeUnit.NANOSECONDS));
    }

    /**
     * Returns a hot {@link Flux} of what is switched, and of what expires, from the subscription on and in the order in which it took
     * effect. Best effort: who is more than some hundred events behind misses some; {@link #state()} always tells the present state. It
     * completes when the factory is closed and never fails. Cancelling has no effect on the switches.
     */
    public Flux<SwitchEvent> events() {
        return events.flux();
    }

    /**
     * Sends all reads to the primary, as many as come, but for those that name a node. While there is no primary they wait for one, as
     * writes do.
     */
    public void routingOff(Terms terms) {
        change(new Routing(false), terms);
    }

    /** Lets reads go to replicas again. */
    public void routingOn(Terms terms) {
        change(new Routing(true), terms);
    }

    /**
     * Lets replicas serve reads however far they are behind. A bound that a read asks for ({@code bounded(2s)}) holds nevertheless, and so
     * does what a session has seen.
     */
    public void lagChecksOff(Terms terms) {
        change(new LagChecks(false), terms);
    }

    /** Leaves out replicas that are too far behind again. */
    public void lagChecksOn(Terms terms) {
        change(new LagChecks(true), terms);
    }

    /**
     * Gives a node no more reads. While it is the primary, it goes on as that. Reads that name it fail while it is a replica. With the
     * last replica excluded, reads fall back to the primary, only so many at a time; {@link #routingOff} has no such limit.
     *
     * @param node the node's name
     */
    public void exclude(String node, Terms terms) {
        change(new Exclusion(require(node), true), terms);
    }

    /**
     * Gives a node reads again.
     *
     * @param node the node's name, or that of one that has gone while it was excluded
     */
    public void include(String node, Terms terms) {
        change(new Exclusion(requireSwitched(node), false), terms);
    }

    /**
     * Sets how far replicas may be behind to serve reads that do not say so themselves.
     *
     * @param limit at least as long as the probe interval: what is known of a replica is as old
     */
    public void maxLag(Duration limit, Terms terms) {
        change(new MaxLag(null, require(limit)), terms);
    }

    /**
     * Sets the same for one node, before what is set for all.
     *
     * @param node the node's name
     * @param limit at least as long as the probe interval
     */
    public void maxLag(String node, Duration limit, Terms terms) {
        change(new MaxLag(require(node), require(limit)), terms);
    }

    /** Sets the limit of the lag of all nodes to what is configured, but for those that have one of their own by a switch. */
    public void configuredMaxLag(Terms terms) {
        change(new MaxLag(null, null), terms);
    }

    /**
     * Sets the limit of the lag of one node to what holds for it otherwise.
     *
     * @param node the node's name, or that of one that has gone while it had a limit of its own
     */
    public void configuredMaxLag(String node, Terms terms) {
        change(new MaxLag(requireSwitched(node), null), terms);
    }

    /**
     * Sends only a share of the reads to replicas that might go there; the others run on the primary, as many as there are. All reads of a
     * session go to the same side while the share stands; when it grows, sessions only move to replicas. Reads without a session of their
     * own go by the virtual connection that they run on.
     *
     * @param percent 0 to 100
     */
    public void replicaShare(int percent, Terms terms) {
        if (percent < 0 || percent > Overrides.LOTS) {
            throw new IllegalArgumentException("the replica share cannot be " + percent + ": use 0 to " + Overrides.LOTS
                    + ", so many of a hundred reads go to replicas");
        }
        change(new ReplicaShare(percent), terms);
    }

    /** Runs all reads on the primary, and records where each would have gone. */
    public void shadowOn(Terms terms) {
        change(new Shadow(true), terms);
    }

    /** Runs reads where they are decided to go. */
    public void shadowOff(Terms terms) {
        change(new Shadow(false), terms);
    }

    /** Returns how many timers run. */
    int pendingExpiries() {
        return expiries.pending();
    }

    /** Ends all expiries and the events; what is switched stays. */
    public void end() {
        expiries.end();
        events.end();
    }

    /** A node that has gone may be back, and would find what was switched: so that may be ended meanwhile. */
    private NodeId requireSwitched(String name) {
        NodeId node = new NodeId(name);
        return switched.names(node) ? node : require(name);
    }

    private NodeId require(String name) {
        Topology present = topology.get();
        NodeId node = new NodeId(name);
        if (present.node(node) == null) {
            throw new IllegalArgumentException("no node is named '" + name + "'; use one of "
                    + present.nodes().stream()
                            .map(NodeState::id)
                            .map(NodeId::name)
                            .collect(Collectors.joining(", ")));
        }
        return node;
    }

    private Duration require(Duration limit) {
        if (limit.compareTo(configured.probeInterval()) < 0) {
            throw new IllegalArgumentException(
                    "maxLag cannot be " + limit + ": what is known of a replica is as old as the "
                            + "probe interval, so use " + configured.probeInterval() + " or more");
        }
        if (limit.compareTo(Durations.LONGEST) > 0) {
            throw new IllegalArgumentException("maxLag cannot be " + limit + ": use at most " + Durations.LONGEST
                    + ", a hundred years, or switch the lag checks off");
        }
        return limit;
    }

    private void change(SwitchChange change, Terms terms) {
        if (expiries.haveEnded()) {
            throw new IllegalStateException("the factory is closed: nothing is routed any more");
        }
        Duration expiry = terms.expiry();
        if (expiry == null) {
            apply(state -> state.with(change), change, terms, false, "");
            dropTimers();
            return;
        }
        Instant now = clock.instant();
        Instant until = now.plus(expiry);
        Passing passing = new Passing(change, terms, until, SwitchText.until(until, now, clock.getZone()));
        apply(state -> state.with(passing), change, terms, false, " until " + passing.shown());
        expiries.after(expiry, passing, () -> apply(state -> state.without(passing), change, terms, true, ""));
        dropTimers();
    }

    /** What was superseded needs no timer any more. */
    private void dropTimers() {
        expiries.keepOnly(passing -> switched.holds(passing));
    }

    private void apply(UnaryOperator<Switched> step, SwitchChange change, Terms terms, boolean expired, String until) {
        Switched before;
        Switched after;
        do {
            before = switched;
            after = step.apply(before);
            if (after == before) {
                return;
            }
            after = after.after(before, timers.now(TimeUnit.NANOSECONDS));
        } while (!SWITCHED.compareAndSet(this, before, after));
        SwitchEvent event =
                new SwitchEvent(change.what(), before.state(), after.state(), expired, terms.why(), terms.who());
        events.tell(after.version(), event, SwitchText.line(change, terms, expired, until));
    }
}
