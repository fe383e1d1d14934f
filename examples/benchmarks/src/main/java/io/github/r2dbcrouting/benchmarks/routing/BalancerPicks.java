package io.github.r2dbcrouting.benchmarks.routing;

import io.github.r2dbcrouting.balancing.Candidate;
import io.github.r2dbcrouting.balancing.LoadBalancer;
import io.github.r2dbcrouting.balancing.NodeLoad;
import io.github.r2dbcrouting.balancing.NodeLoads;
import io.github.r2dbcrouting.position.Branch;
import io.github.r2dbcrouting.position.LogPosition;
import io.github.r2dbcrouting.topology.NodeHealth;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.NodeShare;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Replication;
import io.github.r2dbcrouting.topology.ReplicationLink;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** One pick of each balancer, among nodes that are busy and slow in different measure. */
@State(Scope.Benchmark)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class BalancerPicks {

    private static final int MANY = 100;
    private static final int FEW = 10;
    private static final int MOST_WEIGHT = 5;

    private final List<Candidate> equal = candidates(MANY, 1);
    private final List<Candidate> weighed = candidates(MANY, MOST_WEIGHT);
    private final List<Candidate> few = candidates(FEW, 1);

    private final LoadBalancer adaptive = LoadBalancer.adaptive();
    private final LoadBalancer weighted = LoadBalancer.weighted();
    private final LoadBalancer roundRobin = LoadBalancer.roundRobin();
    private final LoadBalancer random = LoadBalancer.random();
    private final LoadBalancer leastConnections = LoadBalancer.leastConnections();
    private final LoadBalancer leastLag = LoadBalancer.leastLag();
    private final LoadBalancer fastest = LoadBalancer.fastest();
    private final LoadBalancer score = LoadBalancer.valueOf("score");

    @Benchmark
    public Candidate adaptiveOfTen() {
        return adaptive.choose(few);
    }

    @Benchmark
    public Candidate adaptive() {
        return adaptive.choose(equal);
    }

    @Benchmark
    public Candidate adaptiveByWeights() {
        return adaptive.choose(weighed);
    }

    @Benchmark
    public Candidate weighted() {
        return weighted.choose(weighed);
    }

    @Benchmark
    public Candidate roundRobin() {
        return roundRobin.choose(equal);
    }

    @Benchmark
    public Candidate random() {
        return random.choose(weighed);
    }

    @Benchmark
    public Candidate leastConnections() {
        return leastConnections.choose(weighed);
    }

    @Benchmark
    public Candidate leastLag() {
        return leastLag.choose(equal);
    }

    @Benchmark
    public Candidate fastest() {
        return fastest.choose(equal);
    }

    @Benchmark
    public Candidate score() {
        return score.choose(weighed);
    }

    /** Picks once by each. */
    void all() {
        adaptiveOfTen();
        adaptive();
        adaptiveByWeights();
        weighted();
        roundRobin();
        random();
        leastConnections();
        leastLag();
        fastest();
        score();
    }

    private static List<Candidate> candidates(int number, int mostWeight) {
        NodeLoads loads = new NodeLoads(System::nanoTime);
        SplittableRandom random = new SplittableRandom(number);
        return IntStream.range(0, number)
                .mapToObj(i -> candidate(i, NodeShare.EQUAL.withWeight(1 + i % mostWeight), loads, random))
                .toList();
    }

    private static Candidate candidate(int number, NodeShare share, NodeLoads loads, SplittableRandom random) {
        NodeSettings settings =
                new NodeSettings(new NodeId("replica" + number), "replica" + number, 5432).sharing(share);
        Replication replication = new Replication(
                new LogPosition(Branch.ofTimeline(1), 1_000),
                0,
                Duration.ofMillis(1),
                Duration.ofMillis(random.nextInt(5_000)),
                ReplicationLink.UNKNOWN);
        NodeState state = new NodeState(settings, NodeRole.REPLICA, NodeHealth.HEALTHY, 0, 1, null, replication, null);
        NodeLoad load = loads.of(settings.id());
        for (int busy = random.nextInt(8); busy >= 0; busy--) {
            load.answered(load.began() - random.nextInt(300_000, 20_000_000));
        }
        return Candidate.of(state, load);
    }
}
