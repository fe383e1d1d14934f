package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.selection.Overrides;
import io.github.r2dbcrouting.selection.ReadPreference;
import io.github.r2dbcrouting.selection.RoutingHints;
import io.github.r2dbcrouting.selector.NodeSelector;
import io.github.r2dbcrouting.settings.RoutingSettings;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.NodeShare;
import io.github.r2dbcrouting.topology.Placement;
import io.github.r2dbcrouting.topology.Places;
import io.r2dbc.spi.ConnectionFactories;
import io.r2dbc.spi.ConnectionFactoryOptions;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The factory's default and the regions of its nodes, in a URL and in a builder. */
class DefaultHintOptionsTests {

    private static final String URL = "r2dbc:routing:postgresql://db1,db2:6000/app";

    @Test
    void shouldReadTheDefaultOfAUrl() {
        assertThat(unhinted(URL)).isEqualTo(RoutingHints.NONE);
        assertThat(settings(URL).selection().readPreference()).isEqualTo(ReadPreference.REPLICA_PREFERRED);
        assertThat(settings(URL + "?readPreference=primarypreferred")
                        .selection()
                        .readPreference())
                .isEqualTo(ReadPreference.PRIMARY_PREFERRED);
        assertThat(settings(URL + "?latencyWindow=3ms").selection().latencyWindow())
                .isEqualTo(Duration.ofMillis(3));
        assertThat(unhinted(URL + "?consistency=bounded(2s)"))
                .isEqualTo(RoutingHints.of(Consistency.bounded(Duration.ofSeconds(2))));
        assertThat(unhinted(URL + "?regions=db1=eu&region=eu")).isEqualTo(RoutingHints.of(Places.inRegion("eu")));
        assertThat(unhinted(URL + "?regions=db1=eu,db2:6000=us&region=us%7Ceu"))
                .isEqualTo(RoutingHints.of(Places.inRegion("us", "eu")));
        assertThat(settings(URL + "?maxLag=1500ms").selection().maxLag()).isEqualTo(Duration.ofMillis(1500));
    }

    @Test
    void shouldReadTheRegionsOfNodesByTheirNames() {
        assertThat(settings(URL + "?regions=db1=eu,db2:6000=us").nodes().stream()
                        .map(NodeSettings::region))
                .containsExactly("eu", "us");
        assertThat(settings("r2dbc:routing:postgresql://[fd00::1]:5432/app?regions=[fd00::1]:5432=eu")
                        .nodes()
                        .get(0)
                        .region())
                .isEqualTo("eu");
        assertThat(settings(URL + "?regions=db2:6000=us").nodes().get(0).region())
                .isNull();
    }

    @Test
    void shouldReadHowItBeginsWhileNobodyHasSwitchedAnything() {
        assertThat(settings(URL).switches().overrides()).isEqualTo(Overrides.NONE);
        assertThat(settings(URL + "?routing=off").switches().overrides()).isEqualTo(Overrides.NONE.routing(false));
        assertThat(settings(URL + "?routing=Shadow&replicaShare=25").switches().overrides())
                .isEqualTo(Overrides.NONE.shadow(true).replicaShare(25));
    }

    @Test
    void shouldReadWhatNodesAreForAndHowFarTheyMayBeBehind() {
        NodeSettings node = settings(URL + "?zones=db1=eu-1&tags=db1=analytics%7Cssd&maxLags=db1=30s&tag=ssd")
                .nodes()
                .get(0);
        assertThat(node.placement()).isEqualTo(new Placement(null, "eu-1", Set.of("analytics", "ssd")));
        assertThat(node.maxLag()).isEqualTo(Duration.ofSeconds(30));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "regions=db1 | holds 'db1', which cannot be read",
                "regions=db1=eu, | holds '', which cannot be read",
                "regions=db3=eu | names 'db3', which is no node, needed one of db1:5432, db2:6000",
                "regions=db1=eu,db1:5432=us | names db1:5432 twice",
                "routing=no | is 'no'",
                "routing=no | needed one of on, off, shadow",
                "replicaShare=101 | is 101, needed 0 to 100, reads of a hundred",
                "replicaShare=half | a whole number",
                "region=eu | is 'eu', but no node has the region eu, needed one that option 'regions' gives to a node",
                "regions=db1=eu&region=us | is 'us', but no node has the region us, needed one of [eu]",
                "tags=db1=a%7C%7Cb | a node's tag must not be blank",
                "zones=db1=eu-1&zone=eu-2 | is 'eu-2', but no node has the zone eu-2, needed one of [eu-1]",
                "maxLags=db1=0s | a lag must be positive",
                "maxLags=db1=100ms | is PT0.1S, needed probeInterval, which is PT0.5S, or more",
                "weights=db1=0 | holds '0' (weight must be 1 to 1000, got 0; to give a node no reads, drain or exclude it)",
                "weights=db1=-3 | (weight must be 1 to 1000, got -3",
                "weights=db1=much | holds 'much' (For input string: \"much\"), needed a node and its weight; write node=weight",
                "weights=db3=1 | names 'db3', which is no node, needed one of db1:5432, db2:6000",
                "priorities=db1=-1 | (priority must be 0 to 100, got -1; 0 serves first)",
                "costs=db1=0 | (cost must be more than 0 and at most 1000.0, got 0.0; 1 is the usual one)",
                "readPreference=node | use one of replicaPreferred, replica, primaryPreferred, primary, nearest",
                "latencyWindow=PT-1S | is PT-1S, needed 0 or more",
                "selectors=mine | set it by the builder, not in a URL",
                "consistency=causal | use eventual, bounded(2s), readYourWrites, session or strong",
            })
    void shouldRefuseADefaultThatCannotBe(String query, String explanation) {
        assertThatThrownBy(() -> settings(URL + "?" + query)).hasMessageContaining(explanation.trim());
        assertThatThrownBy(() -> ConnectionFactories.get(URL + "?" + query)).hasMessageContaining(explanation.trim());
    }

    @Test
    void shouldReadTheSharesOfNodesByTheirNames() {
        assertThat(settings(URL + "?weights=db1=3,db2:6000=2&priorities=db2:6000=1&costs=db1:5432=1.5").nodes().stream()
                        .map(NodeSettings::share))
                .containsExactly(new NodeShare(3, 0, 1.5), new NodeShare(2, 1, 1));
    }

    @Test
    void shouldSetTheSameInABuilder() {
        RoutingConnectionFactory factory = RoutingConnectionFactory.builder()
                .driver("postgresql")
                .credentials("app", "secret")
                .node("main", "db1", 5432)
                .node("near", "db2", 5432)
                .node("far", "db3", 5432)
                .nodesIn("eu", "main", "near")
                .nodesIn("us", "far")
                .nodesInZone("us-1", "far")
                .tags("far", "analytics", "ssd")
                .maxLag("far", Duration.ofMinutes(1))
                .weight("near", 3)
                .weight("far", 2)
                .priority("far", 1)
                .cost("far", 4)
                .readPreference(ReadPreference.PRIMARY)
                .selector(NodeSelector.named("all", (topology, nodes) -> nodes))
                .consistency(Consistency.strong())
                .region("eu")
                .build();
        assertThat(factory.currentTopology().nodes().stream()
                        .map(node -> node.settings().region()))
                .containsExactly("eu", "eu", "us");
        NodeSettings far = factory.currentTopology().nodes().get(2).settings();
        assertThat(far.placement()).isEqualTo(new Placement("us", "us-1", Set.of("analytics", "ssd")));
        assertThat(far.maxLag()).isEqualTo(Duration.ofMinutes(1));
        assertThat(factory.currentTopology().nodes().stream()
                        .map(node -> node.settings().share()))
                .containsExactly(NodeShare.EQUAL, new NodeShare(3, 0, 1), new NodeShare(2, 1, 4));
        assertThatThrownBy(() -> factory.using("nowhere"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no node is named 'nowhere'; use one of main, near, far");
        assertThat(factory.using("far"))
                .hasToString("RoutingConnectionFactory[PostgreSQL: main, near, far].using(far)");
        factory.dispose();
    }

    private static RoutingHints unhinted(String url) {
        return settings(url).selection().unhinted();
    }

    private static RoutingSettings settings(String url) {
        return SettingsReader.parse(ConnectionFactoryOptions.parse(url), List.of())
                .settings();
    }
}
