package io.github.r2dbcrouting.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.dialect.ReportedReplica;
import io.github.r2dbcrouting.topology.NodeSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReplicaNamesTests {

    private static final NodeSettings PRIMARY = NodeSettings.of("db1", 5432);

    @ParameterizedTest
    @CsvSource({
        "db3.example:5433,             db3.example:5433",
        "reports@db3.example:5433,     db3.example:5433",
        "standby db3.example:5433,     db3.example:5433",
        "[fd00::7]:5433,               [fd00::7]:5433",
        "reports@[fd00::7]:5433,       [fd00::7]:5433",
        "walreceiver,                  10.0.0.9:5432",
        "db3.example:99999,            10.0.0.9:5432",
        "db3.example:,                 10.0.0.9:5432",
        ":5433,                        10.0.0.9:5432"
    })
    void shouldReadTheAddressInTheName(String name, String address) {
        assertThat(ReplicaMapper.usual().map(new ReportedReplica(name, "10.0.0.9", 0), PRIMARY))
                .isEqualTo(node(address));
    }

    @Test
    void shouldTakeWhatTheReplicaReports() {
        assertThat(ReplicaMapper.usual().map(new ReportedReplica(null, "db4", 3307), PRIMARY))
                .isEqualTo(NodeSettings.of("db4", 3307));
        assertThat(ReplicaMapper.usual().map(new ReportedReplica(null, "", 3307), PRIMARY))
                .isNull();
        assertThat(ReplicaMapper.usual().map(new ReportedReplica("walreceiver", null, 0), PRIMARY))
                .isNull();
    }

    private static NodeSettings node(String address) {
        int colon = address.lastIndexOf(':');
        return NodeSettings.of(
                address.substring(0, colon).replace("[", "").replace("]", ""),
                Integer.parseInt(address.substring(colon + 1)));
    }
}
