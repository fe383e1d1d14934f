package io.github.r2dbcrouting.dialect.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.position.Branch;
import io.github.r2dbcrouting.position.LogPosition;
import io.github.r2dbcrouting.position.MariaDbGtidPosition;
import io.github.r2dbcrouting.position.PositionBound;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionMetadata;
import io.r2dbc.spi.test.MockConnection;
import io.r2dbc.spi.test.MockResult;
import io.r2dbc.spi.test.MockRow;
import io.r2dbc.spi.test.MockStatement;
import java.lang.reflect.Proxy;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How a replica is asked to wait at the server, and which is not. */
class PostgresqlWaitTests {

    private static final PositionBound BOUND = PositionBound.of(at(1, 0x500)).merge(PositionBound.of(at(2, 0x900)));

    @ParameterizedTest
    @ValueSource(strings = {"19beta1", "19.0", "19devel", "20.1"})
    void shouldWaitAtServersThatCan(String version) {
        assertThat(PostgresqlWait.sql(version, BOUND))
                .isEqualTo("WAIT FOR LSN '0/900' WITH (MODE 'standby_replay', TIMEOUT '20ms', NO_THROW)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"12.0", "18.6", "18beta1", ""})
    void shouldNotAskOthers(String version) {
        assertThat(PostgresqlWait.sql(version, BOUND)).isNull();
    }

    @Test
    void shouldNotWaitForNothing() {
        assertThat(PostgresqlWait.sql("19.0", PositionBound.NONE)).isNull();
        assertThat(PostgresqlWait.sql("19.0", PositionBound.LOST)).isNull();
        assertThat(PostgresqlWait.sql("19.0", PositionBound.of(MariaDbGtidPosition.parse("0-1-5"))))
                .isNull();
    }

    /** No binary of such a server is published yet. */
    @Test
    void shouldLetTheReplicaWaitBeforeItIsMeasured() {
        MockConnection statements = MockConnection.builder()
                .statement(MockStatement.builder()
                        .result(MockResult.builder()
                                .row(MockRow.builder()
                                        .identified(0, String.class, "success")
                                        .build())
                                .build())
                        .build())
                .build();

        new PostgresqlDialect().awaitReplay(server("19.1", statements), BOUND).block(Duration.ofSeconds(10));
        assertThat(statements.getCreateStatementSql()).startsWith("WAIT FOR LSN '0/900'");
    }

    @Test
    void shouldMeasureAnOlderReplicaAtOnce() {
        MockConnection statements = MockConnection.empty();

        new PostgresqlDialect().awaitReplay(server("18.6", statements), BOUND).block(Duration.ofSeconds(10));
        assertThat(statements.getCreateStatementSql()).isNull();
    }

    private static Connection server(String version, Connection statements) {
        ConnectionMetadata metadata = new ConnectionMetadata() {
            @Override
            public String getDatabaseProductName() {
                return "PostgreSQL";
            }

            @Override
            public String getDatabaseVersion() {
                return version;
            }
        };
        return (Connection) Proxy.newProxyInstance(
                PostgresqlWaitTests.class.getClassLoader(),
                new Class<?>[] {Connection.class},
                (proxy, method, arguments) ->
                        method.getName().equals("getMetadata") ? metadata : method.invoke(statements, arguments));
    }

    private static LogPosition at(long timeline, long lsn) {
        return new LogPosition(Branch.ofTimeline(timeline), lsn);
    }
}
