package io.github.r2dbcrouting.dialect.mariadb;

import io.github.r2dbcrouting.credentials.MissingPrivilege;
import io.github.r2dbcrouting.dialect.ConnectionPurpose;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What the monitor and the control user should be allowed to do, all of it for the whole server. The scripts in
 * {@code docs/privileges} grant just this.
 *
 * @param name as {@code SHOW GRANTS} calls it
 * @param feature what does not work without it
 */
record MariadbPrivileges(String name, String feature) {

    /** A line of it may also hold the hash of a password, so nothing of it is ever shown. */
    static final String GRANTS_SQL = "SHOW GRANTS";

    /** Quoted as a statement takes it. */
    static final String USER_SQL =
            "SELECT CONCAT(QUOTE(SUBSTRING_INDEX(CURRENT_USER(), '@', 1)), '@', QUOTE(SUBSTRING_INDEX(CURRENT_USER(), '@', -1)))";

    private static final Pattern GLOBAL = Pattern.compile("GRANT (.+) ON \\*\\.\\* TO .*");

    private static final List<MariadbPrivileges> MONITOR =
            List.of(new MariadbPrivileges("SLAVE MONITOR", "seeing whether a replica receives changes, and from whom"));

    private static final List<MariadbPrivileges> CONTROL = List.of(
            new MariadbPrivileges("REPLICATION SLAVE ADMIN", "letting a replica follow another node"),
            new MariadbPrivileges("RELOAD", "making a promoted replica forget whom it followed"),
            new MariadbPrivileges("READ_ONLY ADMIN", "opening a node for writes and closing it"),
            new MariadbPrivileges("CONNECTION ADMIN", "ending the sessions of other users"),
            new MariadbPrivileges("PROCESS", "seeing the sessions of other users"));

    private static List<MariadbPrivileges> of(ConnectionPurpose purpose) {
        return purpose == ConnectionPurpose.CONTROL ? CONTROL : MONITOR;
    }

    static List<MissingPrivilege> missing(ConnectionPurpose purpose, String user, List<String> grants) {
        Set<String> held = grants.stream()
                .map(GLOBAL::matcher)
                .filter(Matcher::matches)
                .flatMap(grant -> Arrays.stream(grant.group(1).split(", ")))
                .collect(Collectors.toSet());
        return of(purpose).stream()
                .filter(privilege -> !held.contains("ALL PRIVILEGES") && !held.contains(privilege.name))
                .map(privilege -> new MissingPrivilege(
                        user, privilege.name, privilege.feature, "GRANT " + privilege.name + " ON *.* TO " + user))
                .toList();
    }
}
