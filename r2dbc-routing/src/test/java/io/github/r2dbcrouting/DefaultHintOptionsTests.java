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
import io.github.r2dbcrouting.topology.Places;
import io.r2dbc.spi.ConnectionFactories;
import io.r2dbc.spi.ConnectionFactoryOptions;
import java.time.Duration;
import java.util.List;
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
                "region=eu | is 'eu', and in eu no node is, needed a region that option 'regions' gives to a node",
                "regions=db1=eu&region=us | is 'us', and in us no node is, needed one of [eu]",
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
    void shouldSetTheSameInABuilder() {
        RoutingConnectionFactory factory = RoutingConnectionFactory.builder()
                .driver("postgresql")
                .credentials("app", "secret")
                .node("main", "db1", 5432)
                .node("near", "db2", 5432)
                .node("far", "db3", 5432)
                .nodesIn("eu", "main", "near")
                .nodesIn("us", "far")
                .readPreference(ReadPreference.PRIMARY)
                .selector(NodeSelector.named("all", (topology, nodes) -> nodes))
                .consistency(Consistency.strong())
                .region("eu")
                .build();
        assertThat(factory.currentTopology().nodes().stream()
                        .map(node -> node.settings().region()))
                .containsExactly("eu", "eu", "us");
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
