package io.github.r2dbcrouting.monitor;

import io.github.r2dbcrouting.outlier.OutlierSettings;
import io.github.r2dbcrouting.outlier.Standings;
import io.github.r2dbcrouting.position.Branch;
import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.position.Lineage;
import io.github.r2dbcrouting.position.LogLineage;
import io.github.r2dbcrouting.position.LogPosition;
import io.github.r2dbcrouting.position.PositionBound;
import io.github.r2dbcrouting.position.ReplicationPosition;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeProblem;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.ReplicationLink;
import io.github.r2dbcrouting.topology.ServerIdentity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Nodes that exist on paper only, watched in virtual time. */
final class ScriptedCluster {

    static final Duration INTERVAL = Duration.ofSeconds(1);
    static final Duration TIMEOUT = Duration.ofMillis(500);
    static final Duration STARTUP_TIMEOUT = Duration.ofSeconds(10);

    static final Standings NOBODY_LEFT_OUT = Standings.clean(OutlierSettings.defaults(), true);

    /** A log sequence number that the monitor's decisions choke on. */
    static final long INDIGESTIBLE = 666;

    final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    final Map<String, ScriptedNode> nodes = new LinkedHashMap<>();
    final TopologyMonitor monitor;

    ScriptedCluster(String... names) {
        this(1, names);
    }

    ScriptedCluster(long seed, String... names) {
        for (String name : names) {
            nodes.put(name, new ScriptedNode(name, time));
        }
        monitor = TopologyMonitor.create(
                nodes.values().stream().map(node -> node.settings).toList(),
                settings ->
                        Objects.requireNonNull(nodes.get(settings.id().name())).probe(),
                new MonitorSettings(INTERVAL, TIMEOUT, STARTUP_TIMEOUT),
                time,
                new SplittableRandom(seed),
                NOBODY_LEFT_OUT,
                (reached, required) -> {
                    if (((LogPosition) reached).lsn() == INDIGESTIBLE) {
                        throw new IllegalStateException("cannot compare");
                    }
                    return BranchHistory.unknown().covers(reached, required);
                });
    }

    /** Returns a watched cluster in which a is the primary and b and c follow it. */
    static ScriptedCluster started() {
        ScriptedCluster cluster = new ScriptedCluster("a", "b", "c");
        cluster.node("a").primary();
        cluster.node("b").follows("a");
        cluster.node("c").follows("a");
        cluster.monitor.start();
        cluster.advance(Duration.ofMillis(50));
        return cluster;
    }

    static NodeId id(String name) {
        return new NodeId(name);
    }

    ScriptedNode node(String name) {
        return Objects.requireNonNull(nodes.get(name));
    }

    NodeState state(String name) {
        return Objects.requireNonNull(monitor.current().node(id(name)));
    }

    /** Lets several probes of each node go by. */
    void settle() {
        advance(INTERVAL.multipliedBy(4));
    }

    void advance(Duration duration) {
        time.advanceTimeBy(duration);
    }

    void advanceMillis(long millis) {
        advance(Duration.ofMillis(millis));
    }

    long now() {
        return time.now(TimeUnit.NANOSECONDS);
    }

    @Nullable
    String primary() {
        NodeState primary = monitor.current().primary();
        return primary == null ? null : primary.id().name();
    }

    @Nullable
    Duration lag(String name) {
        return Objects.requireNonNull(state(name).replication()).lag();
    }

    /** One node: its fields say what it answers. */
    static final class ScriptedNode {

        static final String CLUSTER = "7001";

        final NodeSettings settings;
        private final VirtualTimeScheduler time;

        NodeRole role = NodeRole.REPLICA;
        long timeline = 1;
        long lsn = 1000;
        String cluster = CLUSTER;
        String instance;
        ReplicationLink link = ReplicationLink.UNKNOWN;
        List<String> subscriptions = List.of();
        Lineage lineage = Lineage.UNKNOWN;

        @Nullable
        ReplicationPosition held;

        Duration latency = Duration.ofMillis(1);

        @Nullable
        RuntimeException failure;

        @Nullable
        Supplier<Mono<ProbeResult>> misbehaviour;

        Mono<Void> closing = Mono.empty();
        boolean connected;
        int probes;
        int running;
        int mostRunning;
        int closes;
        final List<PositionBound> awaited = new ArrayList<>();

        ScriptedNode(String name, VirtualTimeScheduler time) {
            this.settings = new NodeSettings(id(name), name + ".test", 5432);
            this.instance = name + " started 1";
            this.time = time;
        }

        ScriptedNode primary() {
            role = NodeRole.PRIMARY;
            link = ReplicationLink.UNKNOWN;
            return this;
        }

        ScriptedNode follows(String upstream) {
            role = NodeRole.REPLICA;
            link = new ReplicationLink(ReplicationLink.State.STREAMING, upstream + ".test", 5432);
            return this;
        }

        ScriptedNode promoted(long newTimeline) {
            timeline = newTimeline;
            return primary();
        }

        /** Tells, as the primary that it is, where its timeline began. */
        ScriptedNode begunAt(long fork) {
            lineage = LogLineage.of(timeline).beginning(fork);
            return this;
        }

        /** Tells, as a replica, what it surely holds. */
        ScriptedNode holding(long heldTimeline, long heldLsn) {
            lineage = Lineage.UNKNOWN;
            held = new LogPosition(Branch.ofTimeline(heldTimeline), heldLsn);
            return this;
        }

        ScriptedNode refuses(String message) {
            failure = new ProbeException(NodeProblem.unanswered(message), null);
            return this;
        }

        ScriptedNode unfit(String seen) {
            failure = new ProbeException(NodeProblem.unfit(seen, "better", "mend it"), null);
            return this;
        }

        ScriptedNode subscribesTo(String subscription) {
            subscriptions = List.of(subscription);
            return this;
        }

        /** Stops answering, as a frozen host does. */
        ScriptedNode hangs() {
            latency = Duration.ofMillis(-1);
            return this;
        }

        ScriptedNode saturated() {
            failure = new ProbeException(
                    new NodeProblem(NodeProblem.Kind.SATURATED, "sorry, too many clients already", "", ""), null);
            return this;
        }

        /** Is not even asked, for want of something on this side. */
        ScriptedNode unasked() {
            failure = new ProbeException(new NodeProblem(NodeProblem.Kind.UNASKED, "no token", "", ""), null);
            latency = Duration.ofMillis(1);
            return this;
        }

        ScriptedNode detached() {
            link = new ReplicationLink(ReplicationLink.State.DISCONNECTED, link.upstreamHost(), link.upstreamPort());
            return this;
        }

        ScriptedNode restarted(String newInstance) {
            instance = newInstance;
            connected = false;
            return answers();
        }

        ScriptedNode on(long newTimeline) {
            timeline = newTimeline;
            return this;
        }

        ScriptedNode at(long newLsn) {
            lsn = newLsn;
            return this;
        }

        ScriptedNode answers() {
            failure = null;
            misbehaviour = null;
            latency = Duration.ofMillis(1);
            return this;
        }

        ProbeResult result(boolean reconnected) {
            return new ProbeResult(
                            role,
                            new ServerIdentity(cluster, instance, "18.6"),
                            new LogPosition(Branch.ofTimeline(timeline), lsn),
                            link,
                            reconnected)
                    .subscribing(subscriptions)
                    .with(lineage)
                    .holding(held);
        }

        NodeProbe probe() {
            return new NodeProbe() {
                @Override
                public Mono<ProbeResult> probe() {
                    if (misbehaviour != null) {
                        probes++;
                        return misbehaviour.get();
                    }
                    return Mono.defer(() -> {
                                probes++;
                                mostRunning = Math.max(mostRunning, ++running);
                                return latency.isNegative() ? Mono.never() : Mono.delay(latency, time);
                            })
                            .flatMap(tick -> answer())
                            .doOnCancel(() -> connected = false)
                            .doFinally(signal -> running--);
                }

                @Override
                public Mono<ProbeResult> probe(PositionBound bound) {
                    awaited.add(bound);
                    return probe();
                }

                @Override
                public Mono<Void> close() {
                    return closing.then(Mono.fromRunnable(() -> {
                        connected = false;
                        closes++;
                    }));
                }
            };
        }

        private Mono<ProbeResult> answer() {
            if (failure != null) {
                connected = false;
                return Mono.error(failure);
            }
            boolean reconnected = !connected;
            connected = true;
            return Mono.just(result(reconnected));
        }
    }
}
