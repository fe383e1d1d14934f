package io.github.r2dbcrouting.benchmarks.cancellation;

import io.github.r2dbcrouting.benchmarks.load.Database;

/**
 * What a session looks like that nobody has changed, asked by a statement that takes a few milliseconds, so that a cancel
 * which comes late has something to hit.
 *
 * @param sql asks in one row and one column
 * @param untouched the answer
 */
record SessionAudit(String sql, String untouched) {

    /** By this the server's log tells these statements from those that are cancelled. */
    static final String MARK = "/* borrower */";

    static SessionAudit on(Database database) {
        return switch (database) {
            case POSTGRESQL ->
                new SessionAudit(
                        MARK + " SELECT concat_ws(' ', current_setting('application_name'),"
                                + " current_setting('statement_timeout'), current_setting('transaction_isolation'),"
                                + " transaction_timestamp() = statement_timestamp(),"
                                + " (SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory'),"
                                + " (SELECT count(*) FROM pg_class WHERE relnamespace = pg_my_temp_schema()))"
                                + " FROM pg_sleep(0.003)",
                        "r2dbc-postgresql 0 read committed t 0 0");
            case MARIADB ->
                new SessionAudit(
                        MARK + " SELECT CONVERT(CONCAT_WS(' ', COALESCE(@left_behind, 'none'), @@in_transaction,"
                                + " @@transaction_isolation, @@max_statement_time,"
                                + " COALESCE(IS_USED_LOCK('left behind') = CONNECTION_ID(), 0), SLEEP(0.003)) USING utf8mb4)",
                        "none 0 REPEATABLE-READ 0.000000 0 0");
        };
    }
}
