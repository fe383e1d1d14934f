package io.github.r2dbcrouting.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.dialect.mariadb.MariadbDialect;
import io.github.r2dbcrouting.dialect.postgresql.PostgresqlDialect;
import io.github.r2dbcrouting.topology.NodeProblem;
import io.r2dbc.spi.ConnectionMetadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServerVersionTests {

    /** What a driver would know of a server, without a server. */
    private record MetadataThatSays(String product, String version) implements ConnectionMetadata {

        @Override
        public String getDatabaseProductName() {
            return product;
        }

        @Override
        public String getDatabaseVersion() {
            return version;
        }
    }

    @ParameterizedTest
    @CsvSource({
        "18.6, 18, 6",
        "17beta1, 17, 0",
        "12.4 (Debian 12.4-1.pgdg100+1), 12, 4",
        "9.6.24, 9, 6",
        "11.4.5-MariaDB, 11, 4",
        "5.5.5-10.11.6-MariaDB-log, 10, 11",
        "nonsense, 0, 0"
    })
    void shouldReadWhatServersReport(String reported, int major, int minor) {
        assertThat(ServerVersion.parse(reported)).isEqualTo(new ServerVersion(major, minor));
    }

    @ParameterizedTest
    @CsvSource({"12.0", "12.22", "18.6", "19devel"})
    void shouldTakePostgresqlFromVersion12On(String version) {
        assertThat(new PostgresqlDialect().unfit(new MetadataThatSays("PostgreSQL", version)))
                .isNull();
    }

    @Test
    void shouldRefuseAnOlderPostgresql() {
        assertThat(new PostgresqlDialect().unfit(new MetadataThatSays("PostgreSQL", "9.6.24")))
                .isEqualTo(NodeProblem.unfit(
                        "runs PostgreSQL 9.6.24",
                        "PostgreSQL 12 or later",
                        "upgrade the server or remove it from the nodes"));
    }

    @ParameterizedTest
    @CsvSource({"10.6.0-MariaDB", "5.5.5-10.11.6-MariaDB", "11.4.5-MariaDB"})
    void shouldTakeMariadbFromVersion106On(String version) {
        assertThat(new MariadbDialect().unfit(new MetadataThatSays("MariaDB", version)))
                .isNull();
    }

    @Test
    void shouldRefuseAnOlderMariadb() {
        assertThat(new MariadbDialect().unfit(new MetadataThatSays("MariaDB", "10.5.27-MariaDB")))
                .isEqualTo(NodeProblem.unfit(
                        "runs MariaDB 10.5.27-MariaDB",
                        "MariaDB 10.6 or later",
                        "upgrade the server or remove it from the nodes"));
    }

    @Test
    void shouldRefuseAMysqlBehindTheDriverOfMariadb() {
        assertThat(new MariadbDialect().unfit(new MetadataThatSays("MySQL", "8.4.3")))
                .isEqualTo(NodeProblem.unfit(
                        "runs MySQL 8.4.3",
                        "MariaDB 10.6 or later",
                        "remove it from the nodes, or name the driver of its database"));
    }
}
