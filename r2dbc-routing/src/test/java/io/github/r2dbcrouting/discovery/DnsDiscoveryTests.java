package io.github.r2dbcrouting.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.r2dbcrouting.topology.NodeSettings;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.scheduler.Schedulers;

class DnsDiscoveryTests {

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final FakeDnsServer DNS = new FakeDnsServer();

    @AfterAll
    static void close() {
        DNS.close();
    }

    @AfterEach
    void recover() {
        DNS.recover();
    }

    @Test
    void shouldTakeEachAddressOfANameForANodeThatIsWhatTheNameIs() {
        DNS.addresses("db.test", "10.0.0.2", "10.0.0.1");
        DNS.addresses("six.test", "fd00::7");

        List<NodeSettings> nodes = ask(
                NodeSettings.of("db.test", 5433).in("eu"),
                NodeSettings.of("six.test", 5433).in("eu"));

        assertThat(nodes)
                .extracting(node -> node.id().name())
                .containsExactlyInAnyOrder("10.0.0.1:5433", "10.0.0.2:5433", "[fd00:0:0:0:0:0:0:7]:5433");
        assertThat(nodes).extracting(NodeSettings::region).containsOnly("eu");
    }

    @Test
    void shouldNotTakeAServerOfTwoKindsOfAddressesForTwoNodes() {
        DNS.addresses("db.test", "fd00::1", "10.0.0.1", "fd00::2", "10.0.0.2");

        assertThat(ask(NodeSettings.of("db.test", 5432)))
                .extracting(NodeSettings::host)
                .containsExactlyInAnyOrder("10.0.0.1", "10.0.0.2");
    }

    @Test
    void shouldNotTakeAnAnswerOfOneKindForAllWhileTheOtherCannotBeTold() {
        DNS.addresses("db.test", "10.0.0.1", "fd00::1");
        DNS.only(DnsRecordType.A);
        for (DnsResponseCode code :
                List.of(DnsResponseCode.SERVFAIL, DnsResponseCode.REFUSED, DnsResponseCode.FORMERR)) {
            DNS.fail(code);
            assertThatThrownBy(() -> ask(NodeSettings.of("db.test", 1)))
                    .as(code.toString())
                    .hasStackTraceContaining("db.test");
        }
        DNS.fail(null);
        DNS.fallSilent();
        assertThatThrownBy(() -> ask(NodeSettings.of("db.test", 1))).hasStackTraceContaining("db.test");

        DNS.only(DnsRecordType.AAAA);
        assertThat(ask(NodeSettings.of("db.test", 1)))
                .extracting(NodeSettings::host)
                .containsExactly("10.0.0.1");
    }

    @Test
    void shouldTakeAddressesOfTheOtherKindWhereAServerSaysThatThereAreNoneOfThisOne() {
        DNS.addresses("db.test", "fd00::1");
        DNS.only(DnsRecordType.A);
        DNS.fail(DnsResponseCode.NXDOMAIN);

        assertThat(ask(NodeSettings.of("db.test", 1)))
                .extracting(NodeSettings::host)
                .containsExactly("fd00:0:0:0:0:0:0:1");
    }

    @Test
    void shouldAskNobodyForWhatIsAnAddressAlreadyOrInTheHostsFile() {
        DNS.fallSilent();

        assertThat(ask(NodeSettings.of("10.0.0.9", 1), NodeSettings.of("fd00::9", 1), NodeSettings.of("localhost", 1)))
                .extracting(NodeSettings::host)
                .containsExactly("10.0.0.9", "fd00:0:0:0:0:0:0:9", "127.0.0.1");
    }

    @Test
    void shouldTakeEachServiceOfANameForANodeWithItsPortAndShare() {
        DNS.services(
                "_postgresql._tcp.test", "20 0 5433 b.test.", "10 7 5432 a.test.", "20 60000 5434 c.test.", "1 1 1 .");

        assertThat(ask(NodeSettings.of("_postgresql._tcp.test", 5432)))
                .extracting(node -> node.id() + " " + node.share().priority() + " "
                        + node.share().weight())
                .containsExactlyInAnyOrder("a.test:5432 0 7", "b.test:5433 1 1", "c.test:5434 1 1000");
    }

    @Test
    void shouldLetNoNodeOfANameBeFurtherBehindThanTheNameMayBe() {
        DNS.addresses("db.test", "10.0.0.1");
        DNS.services("_postgresql._tcp.test", "1 1 5432 a.test.");
        Duration limit = Duration.ofSeconds(2);

        assertThat(ask(
                        NodeSettings.of("db.test", 5432).within(limit),
                        NodeSettings.of("_postgresql._tcp.test", 5432).within(limit)))
                .hasSize(2)
                .extracting(NodeSettings::maxLag)
                .containsOnly(limit);
    }

    @Test
    void shouldAskForAllNamesAndNameEachNodeOnce() {
        DNS.addresses("one.test", "10.0.0.1", "10.0.0.2");
        DNS.addresses("two.test", "10.0.0.2", "10.0.0.3");

        assertThat(ask(NodeSettings.of("one.test", 5432), NodeSettings.of("two.test", 5432)))
                .extracting(NodeSettings::host)
                .containsExactlyInAnyOrder("10.0.0.1", "10.0.0.2", "10.0.0.3");
    }

    @Test
    void shouldFailWhereANameIsUnknownOrEmptyOrCannotBeAskedFor() {
        DNS.addresses("db.test", "10.0.0.1");
        DNS.addresses("empty.test");
        DNS.services("_empty._tcp.test");

        assertThatThrownBy(() -> ask(NodeSettings.of("nobody.test", 1))).hasStackTraceContaining("nobody.test");
        assertThatThrownBy(() -> ask(NodeSettings.of("db.test", 1), NodeSettings.of("empty.test", 1)))
                .hasStackTraceContaining("empty.test");
        assertThatThrownBy(() -> ask(NodeSettings.of("_empty._tcp.test", 1)))
                .hasStackTraceContaining("_empty._tcp.test");
        DNS.fail(DnsResponseCode.SERVFAIL);
        assertThatThrownBy(() -> ask(NodeSettings.of("db.test", 1))).hasStackTraceContaining("db.test");
        DNS.fallSilent();
        assertThatThrownBy(() -> ask(NodeSettings.of("db.test", 1))).hasStackTraceContaining("db.test");
    }

    private static List<NodeSettings> ask(NodeSettings... names) {
        return new DnsDiscovery(DNS.resolvers(Duration.ofMillis(500)), Schedulers.boundedElastic(), List.of(names))
                .nodes()
                .block(LIMIT);
    }
}
