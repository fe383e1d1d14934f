package io.github.r2dbcrouting.dialect.postgresql;

import io.github.r2dbcrouting.credentials.MissingPrivilege;
import io.github.r2dbcrouting.dialect.ConnectionPurpose;
import io.r2dbc.spi.Row;
import java.util.List;

/**
 * What the monitor and the control user should be allowed to do, and the questions whether they are. The scripts in
 * {@code docs/privileges} grant just this.
 *
 * @param condition is true if the user of the session has it
 * @param name what it is called
 * @param feature what does not work without it
 * @param remedy what gives it to the user {@code %s}
 * @param optional whether most can do without
 */
record PostgresqlPrivileges(String condition, String name, String feature, String remedy, boolean optional) {

    /** Is true if the function is there and the user may call it. */
    static final String READS_HISTORY =
            "coalesce(has_function_privilege(to_regprocedure('routing_timeline_history(integer)'), 'EXECUTE'), false)";

    private static final List<PostgresqlPrivileges> MONITOR = List.of(
            new PostgresqlPrivileges(
                    "pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')",
                    "pg_read_all_stats",
                    "seeing whether a replica receives changes, from whom and on which timeline",
                    "GRANT pg_read_all_stats TO %s"),
            new PostgresqlPrivileges(
                    READS_HISTORY,
                    "EXECUTE ON FUNCTION routing_timeline_history",
                    "telling lost writes from kept ones after a primary that was promoted has been restarted",
                    "create it as docs/privileges/postgresql-monitor.sql does, and"
                            + " GRANT EXECUTE ON FUNCTION routing_timeline_history(integer) TO %s",
                    true));

    /** Creates one that is needed. */
    private PostgresqlPrivileges(String condition, String name, String feature, String remedy) {
        this(condition, name, feature, remedy, false);
    }

    private static final PostgresqlPrivileges ALTER_SYSTEM = new PostgresqlPrivileges(
            "has_parameter_privilege('primary_conninfo', 'ALTER SYSTEM')",
            "ALTER SYSTEM ON PARAMETER primary_conninfo",
            "letting a replica follow another node",
            "GRANT ALTER SYSTEM ON PARAMETER primary_conninfo TO %s");

    private static final PostgresqlPrivileges ALTER_SYSTEM_BEFORE_15 = new PostgresqlPrivileges(
            "(SELECT rolsuper FROM pg_roles WHERE rolname = current_user)",
            "SUPERUSER, which ALTER SYSTEM takes before PostgreSQL 15",
            "letting a replica follow another node",
            "ALTER ROLE %s SUPERUSER");

    private static List<PostgresqlPrivileges> control(PostgresqlPrivileges alterSystem) {
        return List.of(
                new PostgresqlPrivileges(
                        "has_function_privilege('pg_promote(boolean, integer)', 'EXECUTE')",
                        "EXECUTE ON FUNCTION pg_promote",
                        "promoting a replica",
                        "GRANT EXECUTE ON FUNCTION pg_promote(boolean, integer) TO %s"),
                alterSystem,
                new PostgresqlPrivileges(
                        "has_function_privilege('pg_reload_conf()', 'EXECUTE')",
                        "EXECUTE ON FUNCTION pg_reload_conf",
                        "letting a replica follow another node",
                        "GRANT EXECUTE ON FUNCTION pg_reload_conf() TO %s"),
                new PostgresqlPrivileges(
                        "pg_has_role(current_user, 'pg_signal_backend', 'USAGE')",
                        "pg_signal_backend",
                        "ending the sessions of other users",
                        "GRANT pg_signal_backend TO %s"),
                new PostgresqlPrivileges(
                        "has_function_privilege('pg_try_advisory_lock(bigint)', 'EXECUTE')",
                        "EXECUTE ON FUNCTION pg_try_advisory_lock",
                        "keeping two promotions apart by a lock",
                        "GRANT EXECUTE ON FUNCTION pg_try_advisory_lock(bigint) TO %s"));
    }

    static List<PostgresqlPrivileges> of(ConnectionPurpose purpose, String serverVersion) {
        if (purpose != ConnectionPurpose.CONTROL) {
            return MONITOR;
        }
        int major = Integer.parseInt(serverVersion.split("\\D", 2)[0]);
        return control(major >= 15 ? ALTER_SYSTEM : ALTER_SYSTEM_BEFORE_15);
    }

    /** Returns one question for all of them: a column for the user's name, quoted, and one for each. */
    static String sql(List<PostgresqlPrivileges> privileges) {
        StringBuilder sql = new StringBuilder("SELECT quote_ident(current_user)::text");
        privileges.forEach(privilege -> sql.append(", ").append(privilege.condition));
        return sql.toString();
    }

    static List<MissingPrivilege> missing(List<PostgresqlPrivileges> privileges, Row row) {
        String user = String.valueOf(row.get(0, String.class));
        return privileges.stream()
                .filter(privilege -> !Boolean.TRUE.equals(row.get(1 + privileges.indexOf(privilege), Boolean.class)))
                .map(privilege -> new MissingPrivilege(
                        user, privilege.name, privilege.feature, privilege.remedy.formatted(user), privilege.optional))
                .toList();
    }
}
