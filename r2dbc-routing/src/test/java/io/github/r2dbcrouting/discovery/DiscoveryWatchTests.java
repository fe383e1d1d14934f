package io.github.r2dbcrouting.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.r2dbcrouting.balancing.NodeLoads;
import io.github.r2dbcrouting.dialect.BackgroundTasks;
import io.github.r2dbcrouting.membership.DrainedNodes;
import io.github.r2dbcrouting.membership.DrainedNodes.By;
import io.github.r2dbcrouting.membership.RoutingNodes;
import io.github.r2dbcrouting.membership.UnopenedNodes;
import io.github.r2dbcrouting.monitor.MonitorSettings;
import io.github.r2dbcrouting.monitor.NodeProbe;
import io.github.r2dbcrouting.monitor.ProbeException;
import io.github.r2dbcrouting.monitor.ProbeResult;
import io.github.r2dbcrouting.monitor.TopologyMonitor;
import io.github.r2dbcrouting.outlier.OutlierSettings;
import io.github.r2dbcrouting.outlier.Standings;
import io.github.r2dbcrouting.pool.NodePools;
import io.github.r2dbcrouting.position.Branch;
import io.github.r2dbcrouting.position.LogPosition;
import io.github.r2dbcrouting.selection.Overrides;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeProblem;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.NodeShare;
import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.ReplicationLink;
import io.github.r2dbcrouting.topology.ServerIdentity;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Follows lists of nodes that exist on paper only, in virtual time. With real servers: {@link DiscoveredNodesTests}. */
class DiscoveryWatchTests {

    private static final Duration INTERVAL = Duration.ofSeconds(3);
    private static final NodeId PRIMARY = new NodeId("p");

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final BackgroundTasks background = new BackgroundTasks();

    /** What answers, by host. */
    private final Map<String, NodeRole> servers = new HashMap<>();

    private final TopologyMonitor monitor = TopologyMonitor.create(
            List.of(),
            this::probe,
            new MonitorSettings(Duration.ofMillis(500), Duration.ofMillis(200), Duration.ofSeconds(10)),
            time,
            new SplittableRandom(1),
            Standings.clean(OutlierSettings.defaults(), true));
    private final NodePools pools = new NodePools(new UnopenedNodes(time, background), List.of());
    private final DrainedNodes drained = new DrainedNodes(() -> Overrides.NONE);
    private final RoutingNodes operators = nodes(By.OPERATORS);
    private final DiscoveryWatch watch = new DiscoveryWatch(
            () -> Mono.fromSupplier(() -> this.listed),
            nodes(By.DISCOVERY),
            monitor::current,
            INTERVAL,
            time,
            time,
            background);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger(DiscoveryWatch.class);
    private List<NodeSettings> listed = List.of();

    @BeforeEach
    void begin() {
        lines.start();
        logger.addAppender(lines);
        monitor.start();
        servers.put("p.test", NodeRole.PRIMARY);
        servers.put("r.test", NodeRole.REPLICA);
        tell(node("p", "p.test"), node("r", "r.test"));
        assertThat(monitor.current().primary().id()).isEqualTo(PRIMARY);
    }

    @AfterEach
    void end() {
        logger.detachAppender(lines);
        monitor.dispose().subscribe();
        time.advanceTimeBy(INTERVAL);
    }

    @Test
    void shouldFindAPrimaryAgainThatHasMovedToAnotherAddress() {
        servers.remove("p.test");
        servers.put("q.test", NodeRole.PRIMARY);
        time.advanceTimeBy(INTERVAL);
        tell(node("p", "q.test"), node("r", "r.test"));

        assertThat(hosts()).containsExactlyInAnyOrder("p q.test", "r r.test");
        assertThat(monitor.current().primary().id()).isEqualTo(PRIMARY);
        assertThat(monitor.current().epoch()).isEqualTo(1);
        assertThat(operators.drained()).isEmpty();
        assertThat(warnings()).isEmpty();

        // It is one that discovery has added, as before.
        servers.remove("q.test");
        servers.put("p.test", NodeRole.PRIMARY);
        time.advanceTimeBy(INTERVAL);
        tell(node("p", "p.test"), node("r", "r.test"));
        assertThat(hosts()).containsExactlyInAnyOrder("p p.test", "r r.test");
        assertThat(watch.counts()).isEqualTo(new DiscoveryCounts(3, 0, 4, 2));
    }

    @Test
    void shouldReplaceAReplicaThatHasMovedAlsoToTheAddressThatAnotherOneHasLeft() {
        servers.put("s.test", NodeRole.REPLICA);
        tell(node("p", "p.test"), node("r", "r.test"), node("s", "s.test"));
        tell(node("p", "p.test"), node("r", "s.test"), node("s", "r.test"));
        tell(node("p", "p.test"), node("r", "s.test"), node("s", "r.test"));
        tell(node("p", "p.test"), node("r", "s.test"), node("s", "r.test"));

        assertThat(hosts()).containsExactlyInAnyOrder("p p.test", "r s.test", "s r.test");
        assertThat(monitor.current().nodes()).allMatch(NodeState::isUsable);
    }

    @Test
    void shouldKeepAPrimaryThatAnswersWhereItIsAndSayOnceWhy() {
        for (int i = 0; i < 4; i++) {
            tell(node("p", "q.test"), node("r", "r.test"));
        }
        assertThat(hosts()).containsExactlyInAnyOrder("p p.test", "r r.test");
        assertThat(monitor.current().primary().id()).isEqualTo(PRIMARY);
        assertThat(warnings())
                .containsExactly(
                        "node p was discovered at q.test:5432 and could not be replaced by that: node p cannot"
                                + " be drained: it is the primary, and writes have nowhere else to go; switch over to another node first");
    }

    @Test
    void shouldSayOnceThatALastPrimaryIsNotDiscoveredAnyMore() {
        servers.remove("p.test");
        time.advanceTimeBy(INTERVAL);
        for (int i = 0; i < 5; i++) {
            tell(node("r", "r.test"));
        }
        String warning =
                "node p is not discovered any more and could not be removed: node p cannot be removed: it is the"
                        + " last primary that was seen, and no other has taken over; promote another node first";
        assertThat(warnings()).containsExactly(warning);

        tell(node("p", "p.test"), node("r", "r.test"));
        tell(node("r", "r.test"));
        tell(node("r", "r.test"));
        assertThat(warnings()).as("something has changed meanwhile").containsExactly(warning, warning);
        assertThat(operators.drained()).isEmpty();
    }

    @Test
    void shouldNotReplaceWhatSomebodyElseHasAdded() {
        servers.put("s.test", NodeRole.REPLICA);
        operators.add(node("s", "s.test")).subscribe();
        time.advanceTimeBy(INTERVAL);
        tell(node("p", "p.test"), node("r", "r.test"), node("s", "t.test"));
        assertThat(hosts()).contains("s s.test");
    }

    @Test
    void shouldChangeWhatIsToldOtherwiseAndLeaveAloneWhatSomebodyElseHasSet() {
        tell(
                node("p", "p.test"),
                node("r", "r.test").sharing(new NodeShare(3, 1, 1)).in("eu"));
        assertThat(replica().share()).isEqualTo(new NodeShare(3, 1, 1));
        assertThat(replica().region()).isEqualTo("eu");

        operators.weight("r", 7).then(operators.cost("r", 2)).subscribe();
        tell(
                node("p", "p.test"),
                node("r", "r.test").sharing(new NodeShare(3, 1, 1)).in("eu"));
        assertThat(replica().share()).isEqualTo(new NodeShare(7, 1, 2));
        tell(node("p", "p.test"), node("r", "r.test").sharing(new NodeShare(3, 0, 1)));
        assertThat(replica().share()).isEqualTo(new NodeShare(7, 0, 2));
        assertThat(replica().region()).isNull();
        tell(node("p", "p.test"), node("r", "r.test").sharing(new NodeShare(4, 0, 1)));
        assertThat(replica().share()).isEqualTo(new NodeShare(4, 0, 2));
        assertThat(warnings()).isEmpty();
    }

    @Test
    void shouldTellOnceWhatCannotBeChangedAndLeaveAloneWhatSomebodyElseHasAdded() {
        for (int i = 0; i < 3; i++) {
            tell(node("p", "p.test"), node("r", "r.test").within(Duration.ofMillis(1)));
        }
        assertThat(replica().maxLag()).isNull();
        assertThat(warnings())
                .singleElement(InstanceOfAssertFactories.STRING)
                .startsWith(
                        "node r is told otherwise and could not be changed: node r cannot be changed with a maxLag of"
                                + " PT0.001S");

        servers.put("s.test", NodeRole.REPLICA);
        operators.add(node("s", "s.test")).subscribe();
        time.advanceTimeBy(INTERVAL);
        tell(node("p", "p.test"), node("r", "r.test"), node("s", "s.test").in("eu"));
        assertThat(settings("s").region()).isNull();
    }

    private NodeSettings replica() {
        return settings("r");
    }

    private NodeSettings settings(String node) {
        return monitor.current().node(new NodeId(node)).settings();
    }

    private void tell(NodeSettings... nodes) {
        listed = List.of(nodes);
        watch.refresh().subscribe();
        time.advanceTimeBy(INTERVAL.multipliedBy(2));
    }

    private List<String> hosts() {
        return monitor.current().nodes().stream()
                .map(node -> node.id() + " " + node.settings().host())
                .toList();
    }

    private List<String> warnings() {
        return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    private static NodeSettings node(String name, String host) {
        return new NodeSettings(new NodeId(name), host, 5432);
    }

    private RoutingNodes nodes(By by) {
        return new RoutingNodes(
                monitor,
                pools,
                new NodeLoads(() -> time.now(TimeUnit.NANOSECONDS)),
                drained,
                by,
                node -> {},
                new RoutingNodes.Limits(Duration.ofMillis(200), Duration.ofSeconds(1)),
                time,
                time);
    }

    private NodeProbe probe(NodeSettings node) {
        return new NodeProbe() {
            @Override
            public Mono<ProbeResult> probe() {
                return Mono.defer(() -> answer(node.host()));
            }

            @Override
            public Mono<Void> close() {
                return Mono.empty();
            }
        };
    }

    private Mono<ProbeResult> answer(String host) {
        NodeRole role = servers.get(host);
        return role == null
                ? Mono.error(new ProbeException(NodeProblem.unanswered("connection refused"), null))
                : Mono.just(new ProbeResult(
                        role,
                        new ServerIdentity("7001", host, "18.6"),
                        new LogPosition(Branch.ofTimeline(1), 1_000),
                        ReplicationLink.UNKNOWN,
                        false));
    }
}
