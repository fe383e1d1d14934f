package io.github.r2dbcrouting.cluster.oracle;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.oracle.Ruling.Verdict;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** Runs texts on one node, as the application's user, each in a read-only transaction of its own. */
final class ReadOnlySession implements AutoCloseable {

    private static final int VALIDATION_SECONDS = 10;

    private final Kind kind;
    private final ClusterNode node;
    private final LocalCluster cluster;
    private @Nullable Connection connection;
    private List<String> untouched = List.of();

    ReadOnlySession(Kind kind, ClusterNode node, LocalCluster cluster) {
        this.kind = kind;
        this.node = node;
        this.cluster = cluster;
    }

    Ruling run(String sql) {
        try {
            Connection open = open();
            execute(open, kind.begin);
            Ruling ruling = rule(open, sql);
            if (ruling.verdict() == Verdict.RUNS_WITH_EFFECT) {
                close();
            } else {
                execute(open, "ROLLBACK");
            }
            return ruling;
        } catch (SQLException e) {
            throw new IllegalStateException("the oracle broke down on " + node.name() + " at: " + sql, e);
        }
    }

    private Ruling rule(Connection open, String sql) throws SQLException {
        try {
            execute(open, sql);
        } catch (SQLException e) {
            String detail = e.getSQLState() + "/" + e.getErrorCode() + " " + e.getMessage();
            return new Ruling(kind.isRefusal(e) ? Verdict.REFUSED : Verdict.FAILS, detail);
        }
        if (!open.isValid(VALIDATION_SECONDS)) {
            return new Ruling(Verdict.RUNS_WITH_EFFECT, "the session has ended");
        }
        List<String> before = new ArrayList<>(untouched);
        List<String> after = state(open);
        if (after.equals(before)) {
            return Ruling.RUNS;
        }
        List<String> added = new ArrayList<>(after);
        added.removeAll(before);
        before.removeAll(after);
        return new Ruling(Verdict.RUNS_WITH_EFFECT, "then " + added + " instead of " + before);
    }

    private Connection open() throws SQLException {
        Connection open = connection;
        if (open == null || open.isClosed()) {
            Properties properties = new Properties();
            properties.setProperty("user", cluster.username());
            properties.setProperty("password", cluster.password());
            String address = node.host() + ":" + node.port() + "/" + cluster.database();
            open = DriverManager.getConnection("jdbc:" + kind.scheme + "://" + address + kind.options, properties);
            connection = open;
            execute(open, kind.begin);
            untouched = state(open);
            execute(open, "ROLLBACK");
        }
        return open;
    }

    /** Returns what can be seen of the session and its transaction. */
    private List<String> state(Connection open) throws SQLException {
        try (Statement statement = open.createStatement();
                ResultSet rows = statement.executeQuery(kind.state)) {
            List<String> state = new ArrayList<>();
            while (rows.next()) {
                state.add(rows.getString(1));
            }
            return state;
        }
    }

    private static void execute(Connection open, String sql) throws SQLException {
        try (Statement statement = open.createStatement()) {
            statement.setEscapeProcessing(false);
            boolean rows = statement.execute(sql);
            // An error may come behind the first of several results.
            while (rows || statement.getUpdateCount() != -1) {
                rows = statement.getMoreResults();
            }
        }
    }

    @Override
    public void close() throws SQLException {
        if (connection != null) {
            connection.close();
        }
    }

    /** How each database is asked. */
    enum Kind {
        POSTGRESQL(
                "postgresql",
                "?preferQueryMode=simple&options=-c%20statement_timeout=5s%20-c%20lock_timeout=2s",
                "BEGIN READ ONLY",
                """
                SELECT name || ' is ' || setting FROM pg_settings
                WHERE source = 'session' OR name LIKE 'transaction%'
                UNION ALL SELECT 'app.tenant is ' || current_setting('app.tenant', true)
                UNION ALL SELECT 'user is ' || current_user
                UNION ALL SELECT 'lock ' || locktype || ' ' || mode FROM pg_locks
                WHERE pid = pg_backend_pid() AND mode <> 'AccessShareLock' AND locktype <> 'virtualxid'
                AND NOT coalesce(relation IN (SELECT oid FROM pg_class WHERE relkind = 'S'), false)
                UNION ALL SELECT 'prepared ' || name FROM pg_prepared_statements
                UNION ALL SELECT 'cursor ' || name FROM pg_cursors WHERE name <> ''
                UNION ALL SELECT 'listens ' || c FROM pg_listening_channels() AS c
                UNION ALL SELECT 'temporary schema ' || pg_my_temp_schema()
                """),
        MARIADB(
                "mariadb",
                "?allowMultiQueries=true&allowLocalInfile=true&sessionVariables=max_statement_time=5,lock_wait_timeout=2,"
                        + "innodb_lock_wait_timeout=2,tx_read_only=1",
                "START TRANSACTION READ ONLY",
                """
                SELECT MD5(GROUP_CONCAT(CONCAT(variable_name, '=', session_value) ORDER BY variable_name))
                FROM information_schema.system_variables
                WHERE variable_name NOT IN ('TIMESTAMP', 'RAND_SEED1', 'RAND_SEED2', 'WARNING_COUNT', 'ERROR_COUNT')
                UNION ALL SELECT CONCAT('variable ', variable_name) FROM information_schema.user_variables
                UNION ALL SELECT CONCAT('lock of ', IS_USED_LOCK('l'))
                UNION ALL SELECT CONCAT('in transaction ', @@in_transaction)
                UNION ALL SELECT CONCAT('temporary ', table_name) FROM information_schema.tables
                WHERE table_schema = 'app' AND table_type = 'TEMPORARY'
                """);

        private final String scheme;
        private final String options;
        private final String begin;
        private final String state;

        Kind(String scheme, String options, String begin, String state) {
            this.scheme = scheme;
            this.options = options;
            this.begin = begin;
            this.state = state;
        }

        boolean isRefusal(SQLException error) {
            return "25006".equals(error.getSQLState()) || error.getErrorCode() == 1290 || error.getErrorCode() == 1792;
        }
    }
}
