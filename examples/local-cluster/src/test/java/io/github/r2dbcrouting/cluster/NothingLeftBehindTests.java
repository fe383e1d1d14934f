package io.github.r2dbcrouting.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No process, directory or shared memory outlives the JVM that made it, however that ends. */
@Timeout(200)
class NothingLeftBehindTests {

    private static final Duration STARTING_TIME = Duration.ofSeconds(120);
    private static final Duration CLEANING_TIME = Duration.ofSeconds(30);

    /** Of this class's own, because other JVMs may start clusters too, below the usual one. */
    @TempDir
    static Path temporary;

    @BeforeAll
    static void letTheServersEnter() throws IOException {
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwx--x--x"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgresql", "mariadb"})
    void shouldLeaveNothingBehindWhenTheJvmIsKilled(String database) throws IOException {
        Process jvm = startJvm(database, "wait", "max_connections=50");
        Started started = Started.readFrom(jvm);
        assertThat(started.running()).isNotEmpty();
        jvm.destroyForcibly();
        await().atMost(CLEANING_TIME).untilAsserted(started::assertGone);
    }

    @Test
    void shouldLeaveNothingBehindWhenTheJvmExitsWithoutClosing() throws IOException {
        Process jvm = startJvm("postgresql", "exit", "max_connections=50");
        Started started = Started.readFrom(jvm);
        await().atMost(CLEANING_TIME).until(() -> !jvm.isAlive());
        started.assertGone();
    }

    @Test
    void shouldLeaveNothingBehindWhenTheJvmIsKilledWhileItStarts() throws IOException {
        Process jvm = startJvm("postgresql", "wait", "max_connections=50");
        await().atMost(STARTING_TIME)
                .until(() -> clusters().stream().anyMatch(each -> Files.exists(each.resolve("node1/data/PG_VERSION"))));
        jvm.destroyForcibly();
        await().atMost(CLEANING_TIME).until(() -> clusters().isEmpty());
        assertThat(processesOf(temporary)).isEmpty();
    }

    @Test
    void shouldLeaveNothingBehindWhenAServerDoesNotStart() throws IOException {
        Process jvm = startJvm("postgresql", "wait", "shared_buffers=nonsense");
        assertThat(jvm.inputReader().lines())
                .anyMatch(line -> line.contains("invalid value for parameter \"shared_buffers\": \"nonsense\""));
        await().atMost(CLEANING_TIME).until(() -> !jvm.isAlive());
        assertThat(clusters()).isEmpty();
        assertThat(processesOf(temporary)).isEmpty();
    }

    @Test
    void shouldLeaveNothingBehindWhenClosedTwice() {
        LocalCluster cluster = LocalCluster.postgresql().replicas(1).start();
        List<Long> pids = cluster.nodes().stream().map(ClusterNode::pid).toList();
        cluster.replicas().get(0).kill();
        cluster.close();
        cluster.close();
        new Started(cluster.directory(), pids).assertGone();
    }

    @Test
    void shouldCleanUpAlthoughTheGuardWasKilled() {
        LocalCluster cluster = LocalCluster.postgresql().replicas(0).start();
        List<Long> pids = List.of(cluster.primary().pid());
        List<ProcessHandle> guards = ProcessHandle.current()
                .children()
                .filter(child -> commandLine(child).contains("guard"))
                .filter(child -> commandLine(child).contains(cluster.directory().toString()))
                .toList();
        assertThat(guards).hasSize(1);
        guards.get(0).destroyForcibly();
        cluster.close();
        new Started(cluster.directory(), pids).assertGone();
    }

    private record Started(Path directory, List<Long> pids) {

        static Started readFrom(Process jvm) throws IOException {
            StringBuilder all = new StringBuilder();
            BufferedReader reader = jvm.inputReader(StandardCharsets.UTF_8);
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                all.append(line).append('\n');
                if (line.startsWith("started ")) {
                    String[] parts = line.split(" ");
                    return new Started(
                            Path.of(parts[1]),
                            Stream.of(parts[2].split(",")).map(Long::valueOf).toList());
                }
            }
            throw new AssertionError("The JVM did not start a cluster: " + all);
        }

        List<ProcessHandle> running() {
            return pids.stream()
                    .flatMap(pid -> ProcessHandle.of(pid).stream())
                    .filter(ProcessState::runs)
                    .toList();
        }

        void assertGone() {
            assertThat(directory).doesNotExist();
            assertThat(running()).isEmpty();
            assertThat(processesOf(directory)).isEmpty();
        }
    }

    private static Process startJvm(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-Djava.io.tmpdir=" + temporary,
                "-cp",
                System.getProperty("java.class.path"),
                ClusterInAnotherJvm.class.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    private static List<String> processesOf(Path directory) {
        return ProcessHandle.allProcesses()
                .filter(ProcessState::runs)
                .map(NothingLeftBehindTests::commandLine)
                .filter(command -> command.contains(directory.toString()))
                .toList();
    }

    private static String commandLine(ProcessHandle process) {
        return process.info().commandLine().orElse("");
    }

    private static List<Path> clusters() throws IOException {
        try (Stream<Path> files = Files.list(temporary)) {
            return files.filter(file -> file.getFileName().toString().startsWith("r2dbc-routing-cluster-"))
                    .toList();
        }
    }
}
