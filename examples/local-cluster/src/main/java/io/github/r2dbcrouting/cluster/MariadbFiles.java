package io.github.r2dbcrouting.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The data directory of a MariaDB node, and the command lines that work on it. */
final class MariadbFiles {

    /** What MariaDB's own installation script feeds to the server, less the test database and the texts of HELP. */
    private static final List<String> SYSTEM_SCRIPTS = List.of(
            "mariadb_system_tables.sql",
            "mariadb_performance_tables.sql",
            "mariadb_system_tables_data.sql",
            "maria_add_gis_sp_bootstrap.sql",
            "mariadb_sys_schema.sql");

    /** Small files make quick copies. */
    private static final List<String> SIZES = List.of("--innodb-log-file-size=8M", "--innodb-buffer-pool-size=32M");

    private final ServerSettings settings;
    private final Path template;

    MariadbFiles(ServerSettings settings) {
        this.settings = settings;
        this.template = settings.directory().root().resolve("template");
    }

    /** Makes the data directory of which every node is a copy: there is no position yet, so all begin at the same. */
    void createTemplate(Path log) throws IOException {
        Files.createDirectories(template.resolve("mysql"));
        settings.account().give(template);
        List<String> command = program(template);
        command.addAll(
                List.of("--bootstrap", "--log-warnings=0", "--enforce-storage-engine=", "--max-allowed-packet=8M"));
        // There are no undo files of a size of their own then.
        command.addAll(List.of("--innodb-undo-tablespaces=0", "--debug-no-sync"));
        StringBuilder sql =
                new StringBuilder("CREATE DATABASE IF NOT EXISTS mysql;\nUSE mysql;\nSET @auth_root_socket=NULL;\n");
        for (String script : SYSTEM_SCRIPTS) {
            sql.append(Files.readString(settings.binaries().resolve("share").resolve(script)));
        }
        // The server reads a statement a line here.
        firstStatements().forEach(statement -> sql.append(statement).append(";\n"));
        ServerProcess.run(settings.directory(), command, sql.toString(), log);
    }

    private Stream<String> firstStatements() {
        ClusterUsers users = settings.users();
        String app = users.app().username();
        return Stream.of(
                // The script's own root has no password, and is preferred to ours on this host.
                "DELETE FROM mysql.global_priv WHERE User = 'root'",
                "FLUSH PRIVILEGES",
                "CREATE DATABASE " + users.database() + " CHARACTER SET utf8mb4",
                createUser(users.superuser()),
                "GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION",
                createUser(users.app()),
                "GRANT ALL ON %s.* TO %s@'%%'".formatted(users.database(), app),
                createUser(users.monitor()),
                "GRANT PROCESS, SLAVE MONITOR, BINLOG MONITOR, REPLICATION MASTER ADMIN ON *.* TO monitor@'%'",
                // The least that lets it enter the database.
                "GRANT SHOW VIEW ON %s.* TO monitor@'%%'".formatted(users.database()),
                createUser(users.replicator()),
                "GRANT REPLICATION SLAVE ON *.* TO replicator@'%'");
    }

    private static String createUser(Credentials user) {
        return "CREATE USER %s@'%%' IDENTIFIED BY '%s'".formatted(user.username(), user.password());
    }

    void copyTemplate(ClusterNode node) throws IOException {
        DataDirectory.copy(template, node.data(), file -> true);
        settings.account().give(node.data());
    }

    /** Lets a stopped node forget whom it followed, so that it does not do so again when it starts. */
    void forgetUpstream(ClusterNode node) throws IOException {
        try (Stream<Path> files = Files.list(node.data())) {
            for (Path file : (Iterable<Path>) files::iterator) {
                String name = file.getFileName().toString();
                if (name.equals("master.info") || name.equals("relay-log.info") || name.startsWith("relay.")) {
                    Files.delete(file);
                }
            }
        }
    }

    List<String> command(ClusterNode node, int serverId, boolean readOnly) {
        String port = Integer.toString(node.port());
        List<String> command = program(node.data());
        command.addAll(List.of(
                "--port=" + port,
                // Relative to the data directory: the whole path could be too long for a socket.
                "--socket=server.sock",
                "--pid-file=server.pid",
                "--bind-address=127.0.0.1",
                "--skip-ssl",
                "--skip-name-resolve",
                "--character-set-server=utf8mb4",
                "--default-time-zone=+00:00",
                "--max-connections=200",
                "--server-id=" + serverId,
                "--log-bin=binlog",
                "--log-slave-updates=ON",
                "--relay-log=relay",
                "--gtid-domain-id=0",
                "--gtid-strict-mode=ON",
                "--report-host=127.0.0.1",
                "--report-port=" + port,
                "--slave-net-timeout=3",
                // Tries for ever.
                "--master-retry-count=0",
                // kill -9 loses nothing that was written; only a power cut would.
                "--innodb-flush-log-at-trx-commit=2",
                "--sync-binlog=0",
                "--debug-no-sync"));
        if (readOnly) {
            command.add("--read-only=ON");
        }
        settings.extra().forEach((name, value) -> command.add("--" + name + "=" + value));
        return command;
    }

    private List<String> program(Path data) {
        Path share = settings.binaries().resolve("share");
        List<String> command = new ArrayList<>(settings.account().commandPrefix());
        command.add(settings.binaries().resolve("bin/mariadbd").toString());
        command.addAll(List.of(
                "--no-defaults",
                "--basedir=" + settings.binaries(),
                "--lc-messages-dir=" + share,
                "--character-sets-dir=" + share.resolve("charsets"),
                "--datadir=" + data));
        command.addAll(SIZES);
        return command;
    }
}
