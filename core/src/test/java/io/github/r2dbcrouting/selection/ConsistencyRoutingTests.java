package io.github.r2dbcrouting.selection;

import static io.github.r2dbcrouting.selection.Requests.UNKNOWN;
import static io.github.r2dbcrouting.selection.Requests.hinted;
import static io.github.r2dbcrouting.selection.RouteRequest.READ;
import static io.github.r2dbcrouting.selection.RouteRequest.WRITE;
import static io.github.r2dbcrouting.topology.Nodes.at;
import static io.github.r2dbcrouting.topology.Nodes.dead;
import static io.github.r2dbcrouting.topology.Nodes.id;
import static io.github.r2dbcrouting.topology.Nodes.node;
import static io.github.r2dbcrouting.topology.Nodes.primary;
import static io.github.r2dbcrouting.topology.Nodes.replica;
import static io.github.r2dbcrouting.topology.Nodes.topology;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.selection.RouteDecision.Refusal;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each level of consistency, and each limit of lag, does with a read. All samples are 100 ms old. */
class ConsistencyRoutingTests {

    private static final Duration ALLOWED = Duration.ofSeconds(5);

    private long now = TimeUnit.MILLISECONDS.toNanos(100);
    private final Router router =
            Router.of(SelectionSettings.defaults().within(ALLOWED), BranchHistory.unknown(), () -> now);

    /** A replica that is late by one second, one that is late by ten, one of which the lag is not known. */
    private final Topology healthy = topology(
            primary("p"),
            replica("late", Duration.ofSeconds(1)),
            replica("later", Duration.ofSeconds(10)),
            node("unmeasured", NodeRole.REPLICA, at(1000, null)));

    private final Topology onlyLate = topology(primary("p"), replica("later", Duration.ofSeconds(10)));
    private final Topology headless = topology(
            dead(primary("p")), replica("late", Duration.ofSeconds(1)), replica("later", Duration.ofSeconds(10)));
    private final Topology headlessAndLate = topology(dead(primary("p")), replica("later", Duration.ofSeconds(10)));

    /** The table of levels, for what sessions need not know positions for; with none, they read on the primary. */
    @ParameterizedTest(name = "{0}: {1}, {2}, {3}, {4}")
    @CsvSource({
        // level, a replica is within it, none is, the primary is gone, gone and no replica is within it
        "eventual, late, p, late, later",
        "bounded(1100ms), late, p, late, -",
        "bounded(1099ms), p, p, -, -",
        "bounded(20s), late or later, later, late or later, later",
        "readYourWrites, p, p, -, -",
        "session, p, p, -, -",
        "strong, p, p, -, -",
    })
    void shouldGiveEachLevelWhatItAsksFor(
            String level, String satisfied, String notSatisfied, String noPrimary, String neither) {
        RouteRequest read = reading(level);
        assertThat(satisfied).contains(chosen(healthy, read));
        assertThat(notSatisfied).contains(chosen(onlyLate, read));
        assertThat(noPrimary).contains(chosen(headless, read));
        assertThat(neither).contains(chosen(headlessAndLate, read));
    }

    @Test
    void shouldIgnoreTheLevelOfAWrite() {
        for (String level : new String[] {"eventual", "bounded(1ms)", "session", "strong"}) {
            assertThat(chosen(healthy, hinted(WRITE, RoutingHints.of(Consistency.valueOf(level)))))
                    .isEqualTo("p");
        }
    }

    @Test
    void shouldCountTheTimeSinceTheSampleAgainstABound() {
        RouteRequest read = reading("bounded(2s)");
        assertThat(chosen(healthy, read)).isEqualTo("late");
        now = TimeUnit.MILLISECONDS.toNanos(1_001);
        RouteDecision decision = router.route(healthy, read);
        assertThat(decision.node()).isEqualTo(primary("p"));
        assertThat(decision.reason()).isEqualTo("no replica can be shown to be stale by at most 2 s");
        assertThat(decision.verdicts())
                .containsEntry(id("late"), "may be stale by 2.001 s > bound 2 s")
                .containsEntry(id("later"), "lag 10 s > maxLag 2 s")
                .containsEntry(id("unmeasured"), "lag unknown: not measured yet");
        now = 0;
        assertThat(decision.verdicts()).containsEntry(id("late"), "may be stale by 2.001 s > bound 2 s");
    }

    @Test
    void shouldSayWhyABoundCannotBeKept() {
        RouteDecision decision = router.route(headlessAndLate, reading("bounded(2s)"));
        assertThat(decision.refusal()).isEqualTo(Refusal.NO_NODE);
        assertThat(decision.reason()).isEqualTo("no primary, and no replica can be shown to be stale by at most 2 s");
    }

    @Test
    void shouldSayThatThePrimaryServesALevelThatItAloneGives() {
        assertThat(router.route(healthy, reading("strong")).reason()).isEqualTo("consistency strong");
        assertThat(router.route(healthy, reading("strong")).verdicts())
                .containsEntry(id("late"), "replica: asked for the primary");
        assertThat(router.route(headless, reading("session")).reason()).isEqualTo("no primary: consistency session");
        assertThat(router.route(healthy, hinted(UNKNOWN, RoutingHints.of(Consistency.strong())))
                        .reason())
                .isEqualTo("not surely a read");
    }

    @Test
    void shouldRefuseAReplicaForALevelThatOnlyThePrimaryGives() {
        RouteDecision role = router.route(
                healthy, hinted(READ, RoutingHints.of(NodeRole.REPLICA).or(RoutingHints.of(Consistency.strong()))));
        assertThat(role.refusal()).isEqualTo(Refusal.CONTRADICTION);
        assertThat(role.reason())
                .isEqualTo("consistency strong is given by the primary alone, but the hints ask for a replica");
        RouteDecision named = router.route(
                healthy, hinted(READ, RoutingHints.of(id("late")).or(RoutingHints.of(Consistency.session()))));
        assertThat(named.refusal()).isEqualTo(Refusal.CONTRADICTION);
        assertThat(named.reason())
                .isEqualTo("consistency session is given by the primary alone, which the named node late is not");
        assertThat(chosen(healthy, hinted(READ, RoutingHints.of(id("p")).or(RoutingHints.of(Consistency.session())))))
                .isEqualTo("p");
    }

    @Test
    void shouldHoldANamedReplicaToWhatTheStatementAllows() {
        RoutingHints later = RoutingHints.of(id("later"));
        assertThat(chosen(healthy, hinted(READ, later))).isEqualTo("later");
        assertThat(router.route(healthy, hinted(READ, later.or(RoutingHints.ofMaxLag(ALLOWED))))
                        .reason())
                .isEqualTo("the named node later: lag 10 s > maxLag 5 s");
        assertThat(router.route(healthy, hinted(READ, later.or(bounded(ALLOWED))))
                        .reason())
                .isEqualTo("the named node later: may be stale by 10.1 s > bound 5 s");
        assertThat(chosen(healthy, hinted(READ, later.or(bounded(Duration.ofSeconds(11))))))
                .isEqualTo("later");
    }

    @Test
    void shouldAllowAStatementMoreOrLessLagThanTheFactoryDoes() {
        assertThat(chosen(healthy, hinted(READ, RoutingHints.ofMaxLag(Duration.ofMillis(999)))))
                .isEqualTo("p");
        assertThat(chosen(healthy, hinted(READ, RoutingHints.ofMaxLag(Duration.ofSeconds(1)))))
                .isEqualTo("late");
        assertThat(chosen(onlyLate, hinted(READ, RoutingHints.ofMaxLag(Duration.ofSeconds(10)))))
                .isEqualTo("later");
        assertThat(router.route(healthy, hinted(READ, RoutingHints.ofMaxLag(Duration.ofMillis(999))))
                        .reason())
                .isEqualTo("no eligible replica (2 lag > maxLag, 1 lag unknown)");
        assertThat(chosen(headless, hinted(READ, RoutingHints.ofMaxLag(Duration.ofMillis(999)))))
                .as("better late than not at all, as by the factory's limit")
                .isEqualTo("late");
    }

    @Test
    void shouldHoldAReadToBothALagAndABound() {
        RoutingHints both = RoutingHints.ofMaxLag(Duration.ofMillis(500)).or(bounded(Duration.ofSeconds(20)));
        assertThat(chosen(healthy, hinted(READ, both))).isEqualTo("p");
        assertThat(chosen(headless, hinted(READ, both))).isEqualTo("-");
    }

    @Test
    void shouldNotMixUpTheLimitsOfDifferentStatements() {
        for (int i = 1; i <= 200; i++) {
            assertThat(chosen(healthy, hinted(READ, RoutingHints.ofMaxLag(Duration.ofMillis(i)))))
                    .isEqualTo("p");
            assertThat(chosen(healthy, READ)).isEqualTo("late");
        }
    }

    private static RouteRequest reading(String level) {
        return hinted(READ, RoutingHints.of(Consistency.valueOf(level)));
    }

    private static RoutingHints bounded(Duration staleness) {
        return RoutingHints.of(Consistency.bounded(staleness));
    }

    private String chosen(Topology topology, RouteRequest request) {
        RouteDecision decision = router.route(topology, request);
        return decision.node() == null ? "-" : decision.node().id().name();
    }
}
