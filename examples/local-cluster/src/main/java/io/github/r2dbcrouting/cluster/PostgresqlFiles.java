package io.github.r2dbcrouting.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The data directory of a PostgreSQL node: how it is made, copied and turned into that of a replica. */
final class PostgresqlFiles {

    /** The seventh line of {@code postmaster.pid} names the shared memory segment, the eighth the state. */
    private static final int SEGMENT_LINE = 6;

    private static final int STATE_LINE = 7;

    private static final Map<String, String> CONFIGURATION = Map.ofEntries(
            Map.entry("listen_addresses", "127.0.0.1"),
            Map.entry("unix_socket_directories", ""),
            Map.entry("max_connections", "200"),
            Map.entry("max_wal_senders", "20"),
            Map.entry("max_prepared_transactions", "20"),
            Map.entry("shared_buffers", "32MB"),
            // In the data directory instead of /dev/shm, where a killed server would leave it.
            Map.entry("dynamic_shared_memory_type", "mmap"),
            // No processes only for input and output: a node has few enough as it is.
            Map.entry("io_method", "sync"),
            // kill -9 loses nothing that was written; only a power cut would.
            Map.entry("fsync", "off"),
            // There are no replication slots: a node that was away needs its primary to have kept this much.
            Map.entry("wal_keep_size", "1GB"),
            Map.entry("wal_receiver_timeout", "3s"),
            Map.entry("wal_sender_timeout", "3s"),
            Map.entry("wal_retrieve_retry_interval", "100ms"),
            Map.entry("wal_receiver_status_interval", "1s"),
            Map.entry("timezone", "UTC"),
            Map.entry("log_timezone", "UTC"));

    /** Every server makes these for itself. */
    private static final Set<String> OWN_FILES =
            Set.of("postmaster.pid", "postmaster.opts", "backup_label", "standby.signal");

    private static final Set<String> OWN_CONTENT =
            Set.of("pg_replslot", "pg_dynshmem", "pg_notify", "pg_stat_tmp", "pg_subtrans");

    private final ServerSettings settings;

    PostgresqlFiles(ServerSettings settings) {
        this.settings = settings;
    }

    /** The command line of one of PostgreSQL's programs, run as the account of the servers. */
    List<String> program(String name, String... arguments) {
        List<String> command = new ArrayList<>(settings.account().commandPrefix());
        command.add(settings.binaries().resolve("bin").resolve(name).toString());
        command.addAll(List.of(arguments));
        return command;
    }

    void createPrimary(ClusterNode node) throws IOException {
        String data = node.data().toString();
        String superuser = settings.users().superuser().username();
        List<String> initdb = program(
                "initdb",
                "-D",
                data,
                "-U",
                superuser,
                "-A",
                "trust",
                "--no-sync",
                "--no-instructions",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C");
        ServerProcess.run(settings.directory(), initdb, "", node.log());
        Files.writeString(node.data().resolve("pg_hba.conf"), """
                local all all trust
                host replication replicator 127.0.0.1/32 scram-sha-256
                host all all 127.0.0.1/32 scram-sha-256
                """);
        List<String> lines = new ArrayList<>();
        CONFIGURATION.forEach((name, value) -> lines.add(line(name, value)));
        settings.extra().forEach((name, value) -> lines.add(line(name, value)));
        Files.write(node.data().resolve("postgresql.conf"), lines, StandardOpenOption.APPEND);
        // Without a server: a single-user session costs less than a start and a stop, and everybody's copy has the
        // users.
        List<String> single = program("postgres", "--single", "-j", "-D", data, "-c", "exit_on_error=on", "template1");
        String sql = firstStatements().map(statement -> statement + ";\n\n").collect(Collectors.joining());
        ServerProcess.run(settings.directory(), single, sql, node.log());
    }

    private Stream<String> firstStatements() {
        ClusterUsers users = settings.users();
        String app = users.app().username();
        return Stream.of(
                "ALTER ROLE %s PASSWORD '%s'"
                        .formatted(
                                users.superuser().username(), users.superuser().password()),
                "CREATE ROLE %s LOGIN PASSWORD '%s'".formatted(app, users.app().password()),
                "CREATE ROLE monitor LOGIN IN ROLE pg_monitor PASSWORD '%s'"
                        .formatted(users.monitor().password()),
                "CREATE ROLE replicator LOGIN REPLICATION PASSWORD '%s'"
                        .formatted(users.replicator().password()),
                // What the superuser creates, the application may use. The new database inherits this from template1.
                "ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO " + app,
                "ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO " + app,
                "ALTER DEFAULT PRIVILEGES GRANT ALL ON FUNCTIONS TO " + app,
                // Not by the log: every replica would copy and receive it.
                "CREATE DATABASE %s OWNER %s STRATEGY file_copy".formatted(users.database(), app));
    }

    /** Copies a node that is not running and was shut down in order. */
    void copyStopped(ClusterNode from, ClusterNode to) throws IOException {
        DataDirectory.copy(from.data(), to.data(), file -> !OWN_FILES.contains(file.toString()));
    }

    /** Copies a running node between the start and the stop of a backup; what is written meanwhile comes by replication. */
    void copyRunning(ClusterNode from, ClusterNode to, Connection connection) throws IOException, SQLException {
        Sql.query(connection, "SELECT pg_backup_start('local-cluster', true)");
        DataDirectory.copy(from.data(), to.data(), PostgresqlFiles::belongsToBackup);
        String label = Sql.query(connection, "SELECT labelfile FROM pg_backup_stop(false)")
                .get(0)
                .get(0);
        Files.writeString(to.data().resolve("backup_label"), label);
    }

    private static boolean belongsToBackup(Path file) {
        if (file.getNameCount() == 1) {
            return !OWN_FILES.contains(file.toString());
        }
        if (file.startsWith("pg_wal")) {
            return file.toString().endsWith(".history")
                    || file.endsWith("archive_status")
                    || file.endsWith("summaries");
        }
        return !OWN_CONTENT.contains(file.getName(0).toString());
    }

    /** Makes a stopped node follow a primary when it starts. */
    void makeStandby(ClusterNode node, String upstream) throws IOException {
        configure(node, "primary_conninfo", upstream);
        Path signal = node.data().resolve("standby.signal");
        Files.write(signal, new byte[0]);
        // Not the whole directory: of a node that was running before, all other files are the servers' already.
        settings.account().give(signal);
    }

    /** Sets what ALTER SYSTEM would set, on a node that cannot be asked to. */
    void configure(ClusterNode node, String name, String value) throws IOException {
        Path file = node.data().resolve("postgresql.auto.conf");
        List<String> lines = new ArrayList<>();
        Files.readAllLines(file).stream()
                .filter(line -> !line.startsWith(name + " "))
                .forEach(lines::add);
        lines.add(line(name, value));
        Files.write(file, lines);
    }

    /** Whether a started server says that it accepts connections, as pg_ctl finds out too. */
    boolean isReady(ClusterNode node) {
        List<String> lines = stateFile(node.data());
        return lines.size() > STATE_LINE
                && lines.get(0).equals(Long.toString(node.pid()))
                && lines.get(STATE_LINE).trim().equals("ready");
    }

    /** Frees the shared memory of a killed server: only the next start in the same directory would. */
    static void release(Path data) {
        List<String> lines = stateFile(data);
        if (lines.size() > SEGMENT_LINE) {
            String[] keyAndId = lines.get(SEGMENT_LINE).trim().split("\\s+");
            try {
                new ProcessBuilder("ipcrm", "-m", keyAndId[keyAndId.length - 1])
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor();
            } catch (IOException e) {
                // No such program: 56 bytes stay until the next restart of the machine.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static List<String> stateFile(Path data) {
        try {
            return Files.readAllLines(data.resolve("postmaster.pid"));
        } catch (IOException e) {
            // Not there yet, or no longer.
            return List.of();
        }
    }

    private static String line(String name, String value) {
        return name + " = '" + value.replace("'", "''") + "'";
    }
}
