package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.settings.RoutingSettings;
import io.r2dbc.spi.ConnectionFactories;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.ConnectionFactoryOptions;
import io.r2dbc.spi.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The README says what is so. */
class ReadmeTests {

    private static final String README = text("../README.md");
    private static final Pattern URL = Pattern.compile("r2dbc:[^\"`\\s]+");
    private static final Pattern OPTION = Pattern.compile("(?m)^\\| `(\\w+)` \\| (–|`([^`]+)`) \\| .+ \\|$");

    @Test
    void shouldListEveryOption() {
        assertThat(documentedDefaults().keySet())
                .containsExactlyElementsOf(
                        RoutingOptions.all().stream().map(Option::name).toList());
    }

    @Test
    void shouldTellTheDefaultOfEveryOption() {
        ConnectionFactoryOptions.Builder documented = options();
        documentedDefaults().forEach((name, value) -> {
            if (!value.isEmpty()) {
                documented.option(Option.valueOf(name), value);
            }
        });
        RoutingSettings defaults =
                SettingsReader.parse(options().build(), List.of()).settings();
        RoutingSettings asDocumented =
                SettingsReader.parse(documented.build(), List.of()).settings();

        assertThat(asDocumented)
                .usingRecursiveComparison()
                .ignoringFields("selection.loadBalancer")
                .isEqualTo(defaults);
        assertThat(asDocumented.selection().loadBalancer())
                .hasSameClassAs(defaults.selection().loadBalancer());
    }

    @Test
    void shouldShowNoDefaultOnlyWhereThereIsNone() {
        assertThat(documentedDefaults().entrySet().stream()
                        .filter(option -> option.getValue().isEmpty())
                        .map(Map.Entry::getKey))
                .containsExactly(
                        "nodes",
                        "regions",
                        "zones",
                        "tags",
                        "weights",
                        "priorities",
                        "costs",
                        "latencyWindow",
                        "selectors",
                        "consistency",
                        "tag",
                        "zone",
                        "region",
                        "monitorUser",
                        "monitorPassword",
                        "controlUser",
                        "controlPassword",
                        "maxLags",
                        "tokenKeys",
                        "tokenCluster",
                        "initialSizes",
                        "minIdles",
                        "maxSizes",
                        "connectTimeouts",
                        "statementTimeouts");
    }

    @Test
    void shouldShowUrlsThatWork() {
        List<String> urls =
                URL.matcher(README).results().map(MatchResult::group).toList();

        assertThat(urls).hasSizeGreaterThan(1);
        assertThat(urls)
                .allSatisfy(
                        url -> assertThat(ConnectionFactories.get(url)).isInstanceOf(RoutingConnectionFactory.class));
    }

    /** What the README shows stands here too, but for the line breaks. */
    @Test
    void shouldShowABuilderThatWorks() {
        ConnectionFactory connections = RoutingConnectionFactory.builder()
                .driver("postgresql")
                .database("shop")
                .credentials("app", "secret")
                .node("db1", 5432)
                .node("db2", 5432)
                .node("db3", 5432)
                .maxLag(Duration.ofSeconds(2))
                .build();

        String shown = README.substring(README.indexOf("RoutingConnectionFactory.builder()"));
        assertThat(withoutSpace(text("src/test/java/io/github/r2dbcrouting/ReadmeTests.java")))
                .contains(withoutSpace(shown.substring(0, shown.indexOf(';'))));
        assertThat(connections).hasToString("RoutingConnectionFactory[PostgreSQL: db1:5432, db2:5432, db3:5432]");
    }

    @Test
    void shouldLinkToFilesThatExist() {
        assertThat(Pattern.compile("\\]\\(([^)\\s]+)\\)")
                        .matcher(README)
                        .results()
                        .map(link -> Path.of("..", link.group(1))))
                .isNotEmpty()
                .allMatch(Files::exists);
    }

    private static Map<String, String> documentedDefaults() {
        Map<String, String> defaults = new LinkedHashMap<>();
        OPTION.matcher(README).results().forEach(row -> {
            String value = row.group(3);
            defaults.put(row.group(1), value == null ? "" : value);
        });
        return defaults;
    }

    private static ConnectionFactoryOptions.Builder options() {
        return ConnectionFactoryOptions.builder()
                .option(ConnectionFactoryOptions.DRIVER, RoutingOptions.DRIVER)
                .option(ConnectionFactoryOptions.PROTOCOL, "postgresql")
                .option(ConnectionFactoryOptions.HOST, "db1");
    }

    private static String withoutSpace(String text) {
        return text.replaceAll("\\s", "");
    }

    private static String text(String file) {
        try {
            return Files.readString(Path.of(file));
        } catch (IOException e) {
            throw new IllegalStateException("cannot read " + file, e);
        }
    }
}
