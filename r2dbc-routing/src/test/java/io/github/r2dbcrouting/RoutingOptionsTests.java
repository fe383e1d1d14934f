package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.r2dbcrouting.error.Explained;
import io.github.r2dbcrouting.error.InvalidRoutingOptionException;
import io.github.r2dbcrouting.error.Problem;
import io.github.r2dbcrouting.settings.PerNode;
import io.github.r2dbcrouting.settings.PoolSettings;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeState;
import io.r2dbc.spi.ConnectionFactories;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.ConnectionFactoryOptions;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be set, and how what cannot is explained. Nothing here opens a connection. */
class RoutingOptionsTests {

    @Test
    void shouldTakeItsNodesFromTheHostsOfAUrl() {
        assertThat(nodes("r2dbc:routing:postgresql://app:secret@db1:5433,db2,db_3:5435/app"))
                .containsExactly("db1:5433", "db2:5432", "db_3:5435");
        assertThat(nodes("r2dbc:routing:postgresql://app:secret@db1:6000/app")).containsExactly("db1:6000");
        assertThat(nodes("r2dbc:routing:mariadb://app:secret@db1/app")).containsExactly("db1:3306");
        assertThat(nodes("r2dbc:routing:postgresql://app:secret@[::1]:5432/app"))
                .containsExactly("[::1]:5432");
    }

    @Test
    void shouldTakeItsNodesFromAnOptionWithIpv6LiteralsIncluded() {
        assertThat(nodes("r2dbc:routing:postgresql://app:secret@[::1]:5433/app?nodes=[fe80::2],db3:5435"))
                .containsExactly("[::1]:5433", "[fe80::2]:5432", "db3:5435");
    }

    @Test
    void shouldNameTheDatabaseWithoutAConnection() {
        assertThat(factory("r2dbc:routing:postgresql://app:secret@db/app")
                        .getMetadata()
                        .getName())
                .isEqualTo("PostgreSQL");
        assertThat(factory("r2dbc:routing:mariadb://app:secret@db/app")
                        .getMetadata()
                        .getName())
                .isEqualTo("MariaDB");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            r2dbc:routing:postgresql://db:99999/app                  | holds the port 99999, needed a number from 1 to 65535; write host:port
            r2dbc:routing:postgresql://u:p@db1:1,db2:x/app           | option 'host': holds a port that is no number, needed a number from 1 to 65535
            r2dbc:routing:postgresql://db:1/app?nodes=db:0           | option 'nodes': holds the port 0, needed a number from 1 to 65535
            r2dbc:routing:postgresql://db1:1,,db2:2/app              | empty entry
            r2dbc:routing:postgresql://db1:1,db1:1/app               | names db1:1 twice, needed each node once; remove one
            r2dbc:routing:postgresql:///app                          | option 'nodes': is empty, needed at least one node; name them as host:port
            r2dbc:routing:postgresql://db:1/app?nodes=db:1           | names db:1 twice
            r2dbc:routing:postgresql:///app?nodes=::1                | IPv6 as [address]:port
            r2dbc:routing:oracle://db/app                            | is 'oracle', needed one of postgresql, mariadb
            r2dbc:routing://db/app                                   | is missing, needed one of postgresql, mariadb
            r2dbc:routing:postgresql://db/app?maxLagg=PT1S           | option 'maxLagg': is not known, needed one of
            r2dbc:routing:postgresql://db/app?maxLag=5               | ISO-8601
            r2dbc:routing:postgresql://db/app?discovery=consul       | option 'discovery': is 'consul'
            r2dbc:routing:postgresql://db/app?discovery=own          | option 'discovery': is 'own', needed static, dns or server; give a discovery of your own to the builder, which sets this
            r2dbc:routing:postgresql://db/app?discovery=dns&maxSizes=db=5 | option 'maxSizes': is set with discovery=dns, needed none for single nodes, since they are found under names of their own; set what holds for all nodes, or list the nodes without discovery
            r2dbc:routing:postgresql://db/app?discovery=dns&statementTimeouts=db=PT1S | option 'statementTimeouts': is set with discovery=dns
            r2dbc:routing:postgresql://db/app?discoveryInterval=PT0S | option 'discoveryInterval'
            r2dbc:routing:postgresql://db/app?maxLag=PT0S            | longer than zero
            r2dbc:routing:postgresql://db/app?probeInterval=PT0.001S | 10 ms or more
            r2dbc:routing:postgresql://db/app?acquireTimeout=PT9999999H | is PT9999999H, needed at most PT876000H
            r2dbc:routing:postgresql://db/app?maxLifeTime=PT-1S      | is PT-1S, needed longer than zero; give a duration such as PT5S
            r2dbc:routing:postgresql://db/app?maxSize=9999999999     | option 'maxSize': is '9999999999'
            r2dbc:routing:postgresql://db/app?maxLag=PT0.2S          | option 'maxLag': is PT0.2S, needed probeInterval, which is PT0.5S, or more: what is known of a replica is as old; raise it
            r2dbc:routing:postgresql://db/app?targetServerType=any   | option 'targetServerType': would have the driver choose where to go, needed that choice for the routing, which makes it for each statement; take it out
            r2dbc:routing:mariadb://db/app?transactionReplay=true    | option 'transactionReplay': would have the driver choose
            r2dbc:routing:mariadb://db/app?haMode=sequential         | option 'haMode': would have the driver choose
            r2dbc:routing:postgresql://db/app?readPreference=any       | use one of replicaPreferred, replica
            r2dbc:routing:postgresql://db/app?loadBalancer=best      | roundRobin
            r2dbc:routing:postgresql://db/app?maxSize=0              | option 'maxSize': is 0, needed at least 1; give
            r2dbc:routing:postgresql://db/app?maxSize=many           | whole number
            r2dbc:routing:postgresql://db/app?initialSize=20         | is 20, needed 0 to maxSize, which is 10; lower it
            r2dbc:routing:postgresql://db/app?minIdle=11             | option 'minIdle': is 11, needed 0 to maxSize, which is 10; lower it
            r2dbc:routing:postgresql://db/app?warmUp=PT1S            | option 'warmUp': is PT1S, but there is nothing to open in this time, needed initialSize or minIdle of at least 1 for each node; set one
            r2dbc:routing:postgresql://db/app?warmUp=PT-1S&minIdle=1 | option 'warmUp': is PT-1S, needed longer than zero
            r2dbc:routing:postgresql://db/app?acquireQueue=-1        | option 'acquireQueue': is -1, needed 0 or more; use 0 so that
            r2dbc:routing:postgresql://db/app?spillAfter=-1          | option 'spillAfter': is -1, needed 0 or more; use 0 so that
            r2dbc:routing:postgresql://db/app?maxSizes=db=0          | option 'maxSizes': holds '0' (less than 1), needed a node and its number; write node=number
            r2dbc:routing:postgresql://db/app?maxSizes=db=many       | option 'maxSizes': holds 'many'
            r2dbc:routing:postgresql://db/app?maxSizes=5             | option 'maxSizes': holds '5', which cannot be read, needed a node and its number
            r2dbc:routing:postgresql://db/app?maxSizes=db=5,db=6     | option 'maxSizes': names db twice, needed one number for each node
            r2dbc:routing:postgresql://db/app?minIdles=dc=5          | option 'minIdles': names 'dc', which is no node, needed one of db:5432; write node=number
            r2dbc:routing:postgresql://db/app?initialSizes=db=9&maxSizes=db=8 | option 'initialSizes': is 9 for node db:5432, needed 0 to its maxSize, which is 8; lower it
            r2dbc:routing:postgresql://db/app?connectTimeouts=db=0s  | option 'connectTimeouts': is PT0S, needed longer than zero
            r2dbc:routing:postgresql://db/app?statementTimeouts=db=soon | option 'statementTimeouts': holds 'soon'
            r2dbc:routing:postgresql://db/app?retries=-1             | option 'retries': is -1, needed 0 or more; use 0 to switch
            r2dbc:routing:postgresql://db/app?readRetries=1          | option 'readRetries': is not known, needed one of
            r2dbc:routing:postgresql://db/app?retryBackoff=PT0S      | option 'retryBackoff': is PT0S, needed longer than zero
            r2dbc:routing:postgresql://db/app?retryBackoff=PT2S      | option 'maxRetryBackoff': is PT1S, needed retryBackoff, which is PT2S, or more; raise it
            r2dbc:routing:postgresql://db/app?retryDeadline=soon     | option 'retryDeadline': is 'soon'
            r2dbc:routing:postgresql://db/app?retriesPerSecond=0     | option 'retriesPerSecond': is 0, needed at least 1; raise it, or set retries to 0
            r2dbc:routing:postgresql://db/app?retryShare=20%25       | option 'retryShare': is '20%' (For input string: "20%"), needed a number
            r2dbc:routing:postgresql://db/app?retryShare=1.1         | option 'retryShare': is 1.1, needed 0 to 1
            r2dbc:routing:postgresql://db/app?heavyAfter=PT0S        | option 'heavyAfter': is PT0S, needed
            r2dbc:routing:postgresql://db/app?outlierErrors=1        | option 'outlierErrors': is 1, needed at least 2
            r2dbc:routing:postgresql://db/app?outlierLatencyFactor=1 | option 'outlierLatencyFactor': is 1.0, needed more than 1
            r2dbc:routing:postgresql://db/app?outlierLatencyFloor=PT0S | option 'outlierLatencyFloor': is PT0S, needed
            r2dbc:routing:postgresql://db/app?ejectionTime=PT9S&maxEjectionTime=PT8S | option 'maxEjectionTime': is PT8S, needed ejectionTime, which is PT9S, or more
            r2dbc:routing:postgresql://db/app?maxEjectedShare=0      | option 'maxEjectedShare': is 0.0, needed above 0 and at most 1
            r2dbc:routing:postgresql://db/app?flapChanges=1          | option 'flapChanges': is 1, needed at least 2
            r2dbc:routing:postgresql://db/app?flapWindow=PT0S        | option 'flapWindow': is PT0S, needed
            r2dbc:routing:postgresql://db/app?retryShare=NaN         | option 'retryShare': is NaN, needed 0 to 1
            r2dbc:routing:postgresql://db/app?maxFallbackReads=0     | option 'maxFallbackReads': is 0, needed at least 1; raise it, or set readPreference to replica
            r2dbc:routing:postgresql://db/app?maxFallbackReads=11    | option 'maxFallbackReads': is 11, needed at most maxSize, which is 10; lower it
            r2dbc:routing:postgresql://db,dc/app?maxFallbackReads=4&maxSizes=dc=3 | option 'maxFallbackReads': is 4, needed at most the maxSize of node dc:5432, which is 3; lower it, so that writes keep connections, or raise maxSizes
            r2dbc:routing:postgresql://db/app?fallbackQueue=-1       | option 'fallbackQueue': is -1, needed 0 or more
            r2dbc:routing:postgresql://db/app?fallbackTimeout=PT0S   | option 'fallbackTimeout': is PT0S, needed longer than zero
            r2dbc:routing:postgresql://db/app?drainTime=PT-1S        | longer than zero
            r2dbc:routing:postgresql://db/app?statementCacheSize=0   | at least 1
            r2dbc:routing:postgresql://db/app                        | option 'user': is missing, needed a value
            r2dbc:routing:postgresql://db/app?tokenKeys=short        | option 'tokenKeys': holds a key of 5 characters, needed 32 or more in each, several separated by commas; make one with: openssl rand -hex 32
            r2dbc:routing:postgresql://db/app?tokenKeys=01234567890123456789012345678901, | option 'tokenKeys': holds a key of 0 characters
            r2dbc:routing:postgresql://db/app?tokenKeys=01234567890123456789012345678901,01234567890123456789012345678901 | option 'tokenKeys': holds two keys of one number, needed different ones; make one
            r2dbc:routing:postgresql://db/app?tokenKeys=01234567890123456789012345678901&tokenLifetime=PT0S | option 'tokenLifetime': is PT0S, needed longer than zero
            r2dbc:routing:postgresql://db/app?sessionGrace=PT4S      | option 'sessionGrace': is PT4S, needed maxLag, which is PT5S, or more: replicas may be as far behind; raise it
            r2dbc:routing:postgresql://db/app?sessionTimeout=PT5S    | option 'sessionTimeout': is PT5S, needed sessionGrace, which is PT6.5S, or more
            r2dbc:routing:postgresql://db/app?maxSessions=0          | option 'maxSessions': is 0, needed at least 1
            r2dbc:routing:postgresql://db/app?monitorUser=watcher    | option 'monitorPassword': is missing while
            """)
    void shouldRefuseWhatCannotBeUsedAndSayWhatToDo(String url, String explanation) {
        assertThatThrownBy(() -> factory(url))
                .isInstanceOf(InvalidRoutingOptionException.class)
                .hasMessageContaining(explanation);
    }

    @Test
    void shouldListTheDriversOptionsBesideItsOwnWhenOneIsUnknown() {
        assertThatThrownBy(() -> factory("r2dbc:routing:postgresql://db/app?preparedStatementCacheQuerys=1"))
                .hasMessageContaining("maxLag")
                .hasMessageContaining("preparedStatementCacheQueries");
    }

    @Test
    void shouldPassTheDriversOptionsOnAndPassOverThoseOfAnOuterPool() {
        factory("r2dbc:routing:postgresql://app:secret@db/app?sslMode=require&schema=other");
        factory("r2dbc:routing:postgresql://app:secret@db/app?acquireRetry=3&validationQuery=x&poolName=p");
    }

    @Test
    void shouldTakeObjectsFromABuilderAndTextsFromAUrlAlike() {
        RoutingConnectionFactory.builder()
                .driver("postgresql")
                .node("east", "db1", 5432)
                .credentials("app", "secret")
                .maxLag(Duration.ofSeconds(1))
                .maxSize(3)
                .option(ConnectionFactoryOptions.SSL, true)
                .build();
        factory("r2dbc:routing:postgresql://app:secret@db1/app?maxLag=PT1S&maxSize=3&ssl=true");
        factory("r2dbc:routing:postgresql://app:secret@db1,db2/app?maxSizes=db2=1");
    }

    @Test
    void shouldGiveTokensOnlyWhereAKeyIsSet() {
        String key = "0123456789abcdef".repeat(4);
        RoutingConnectionFactory without =
                (RoutingConnectionFactory) factory("r2dbc:routing:postgresql://app:x@db/app");
        assertThatThrownBy(without::tokens)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "no key for session tokens is set, needed option 'tokenKeys'; make one with: openssl rand -hex 32");
        RoutingConnectionFactory fromUrl = (RoutingConnectionFactory)
                factory("r2dbc:routing:mariadb://app:x@db/app?tokenLifetime=PT5M&tokenKeys=" + key);
        assertThat(fromUrl.tokens().lifetime()).isEqualTo(Duration.ofMinutes(5));
        RoutingConnectionFactory built = RoutingConnectionFactory.builder()
                .driver("postgresql")
                .node("db1", 5432)
                .credentials("app", "secret")
                .tokenKeys(key, key.replace('0', 'f'))
                .maxLag(Duration.ofSeconds(2))
                .build();
        assertThat(built.tokens().lifetime()).isEqualTo(Duration.ofHours(1));
        assertThat(built.tokens().grace()).isEqualTo(Duration.ofMillis(3_500));
    }

    @Test
    void shouldNeverPrintAKeyOfTokens() {
        assertThat(factory("r2dbc:routing:postgresql://app:x@db/app?tokenKeys=" + "s3cret".repeat(6))
                        .toString())
                .doesNotContain("s3cret");
        assertThat(RoutingConnectionFactory.builder()
                        .tokenKeys("s3cret".repeat(6))
                        .toString())
                .doesNotContain("s3cret");
        assertThat(SettingsReader.parse(
                                ConnectionFactoryOptions.parse(
                                        "r2dbc:routing:postgresql://app:x@db/app?tokenKeys=" + "s3cret".repeat(6)),
                                List.of())
                        .toString())
                .contains("accepted=[")
                .doesNotContain("s3cret");
        assertThatThrownBy(() -> factory("r2dbc:routing:postgresql://app:x@db/app?tokenKeys=s3cret"))
                .message()
                .doesNotContain("s3cret");
    }

    @Test
    void shouldRefuseNodesFromAnOptionBesideThoseOfABuilder() {
        assertThatThrownBy(() -> RoutingConnectionFactory.builder()
                        .driver("postgresql")
                        .node("db1", 5432)
                        .option(RoutingOptions.NODES, "db2:5432")
                        .build())
                .isInstanceOf(InvalidRoutingOptionException.class)
                .hasMessageContaining("option 'nodes'")
                .hasMessageContaining("one by one");
    }

    @Test
    void shouldNeverPrintAPassword() {
        ConnectionFactory factory =
                factory("r2dbc:routing:postgresql://app:s3cret@db/app?monitorUser=m&monitorPassword=als0secret");
        assertThat(factory.toString()).doesNotContain("s3cret").doesNotContain("als0secret");
        assertThatThrownBy(() -> factory("r2dbc:routing:postgresql://app:s3cret@db/app?bad=1"))
                .message()
                .doesNotContain("s3cret");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "r2dbc:routing:postgresql://app:hun/ter2@db1:5432/app",
                "r2dbc:routing:postgresql://app:hun?ter2@db1:5432/app",
                "r2dbc:routing:postgresql://app:hun?ter=2@db1:5432/app",
                "r2dbc:routing:postgresql://app:hun#ter2@db1:5432/app",
                "r2dbc:routing:postgresql://app:42/ter2@db1:5432/app",
                "r2dbc:routing:mariadb://hun/ter2:x@db1/app"
            })
    void shouldAskForPercentEncodingWithoutQuotingWhatMayBeAPassword(String url) {
        assertThatThrownBy(() -> factory(url))
                .isInstanceOf(InvalidRoutingOptionException.class)
                .hasMessageContaining("option 'user': is missing")
                .hasMessageContaining("/ as %2F")
                .message()
                .doesNotContain("hun", "ter", "42");
    }

    @Test
    void shouldTakeAPasswordWithSpecialCharactersInItsPlace() {
        assertThat(nodes("r2dbc:routing:postgresql://app:p@ss:word@db1:5433,db2/app"))
                .containsExactly("db1:5433", "db2:5432");
        assertThat(nodes("r2dbc:routing:postgresql://app:p%2Fss%3F@db1:5433,db2/app"))
                .containsExactly("db1:5433", "db2:5432");
    }

    @Test
    void shouldRefuseNodesOfABuilderThatCannotBe() {
        RoutingConnectionFactoryBuilder builder = RoutingConnectionFactory.builder();
        assertThatThrownBy(() -> builder.node("db1", 99_999))
                .isInstanceOf(InvalidRoutingOptionException.class)
                .hasMessageContaining("option 'nodes': holds the port 99999, needed a number from 1 to 65535");
        assertThatThrownBy(() -> builder.node(" ", 5432))
                .isInstanceOf(InvalidRoutingOptionException.class)
                .hasMessageContaining("holds a blank host");
        assertThatThrownBy(() -> builder.node("", "db1", 5432))
                .isInstanceOf(InvalidRoutingOptionException.class)
                .hasMessageContaining("names db1:5432 by blanks");
        assertThatThrownBy(() -> builder.driver("postgresql").build())
                .isInstanceOf(InvalidRoutingOptionException.class)
                .hasMessageContaining("option 'nodes': is empty, needed at least one node");
    }

    @Test
    void shouldGiveItsExplanationInParts() {
        assertThatThrownBy(() -> factory("r2dbc:routing:postgresql://app:x@db/app?maxSize=0"))
                .asInstanceOf(InstanceOfAssertFactories.type(Explained.class))
                .extracting(Explained::problems)
                .isEqualTo(List.of(new Problem(
                        "option 'maxSize'", "is 0", "at least 1", "give each node's pool room for a connection")));
    }

    private static List<String> nodes(String url) {
        return ((RoutingConnectionFactory) factory(url))
                .currentTopology().nodes().stream()
                        .map(NodeState::id)
                        .map(Object::toString)
                        .toList();
    }

    private static ConnectionFactory factory(String url) {
        return ConnectionFactories.get(url);
    }

    @Test
    void shouldTakeOtherSizesAndLimitsForSingleNodesFromABuilderAndFromAUrlAlike() {
        PoolSettings db1 = pools("r2dbc:routing:postgresql://a:b@db1:1,db2:2/app?maxSize=20&initialSize=15&minIdle=2"
                        + "&maxSizes=db1:1=10&minIdles=db1:1=0,db2:2=3&statementTimeouts=db1:1=5s")
                .of(new NodeId("db1:1"));
        assertThat(db1.size()).as("no more than it may have").isEqualTo(new PoolSettings.Size(10, 0, 10));
        assertThat(db1.timeouts()).isEqualTo(new PoolSettings.Timeouts(null, Duration.ofSeconds(5)));
        PerNode<PoolSettings> pools =
                pools("r2dbc:routing:postgresql://a:b@db1:1,db2:2/app?maxSizes=db1:1=10&minIdles=db2:2=3");
        assertThat(pools.of(new NodeId("db2:2")).size()).isEqualTo(new PoolSettings.Size(0, 3, 10));
        assertThat(pools.of(new NodeId("added later"))).isEqualTo(pools.common());
        assertThat(RoutingConnectionFactory.builder()
                        .driver("postgresql")
                        .node("east", "db1", 5432)
                        .node("west", "db2", 5432)
                        .credentials("app", "secret")
                        .maxSize("east", 30)
                        .maxSize("west", 10)
                        .initialSize(1)
                        .initialSize("east", 5)
                        .minIdle(2)
                        .minIdle("west", 3)
                        .warmUp(Duration.ofSeconds(5))
                        .connectTimeout("west", Duration.ofSeconds(2))
                        .statementTimeout("west", Duration.ofMinutes(1))
                        .build())
                .isNotNull();
    }

    private static PerNode<PoolSettings> pools(String url) {
        return SettingsReader.parse(ConnectionFactoryOptions.parse(url), List.of())
                .settings()
                .pools();
    }
}
