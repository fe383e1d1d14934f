package io.github.r2dbcrouting.cluster;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One running server: its main process and the children of that. */
final class ServerProcess {

    private static final Duration RUN_TIME = Duration.ofSeconds(120);
    private static final Duration SIGNAL_TIME = Duration.ofSeconds(10);

    private final Process process;

    private ServerProcess(Process process) {
        this.process = process;
    }

    /**
     * Starts a server below the cluster's directory.
     *
     * @param quitSignal the signal by which the guard ends this server; {@code KILL} if it needs no clean-up of its own
     */
    static ServerProcess start(
            ClusterDirectory directory,
            String name,
            String quitSignal,
            List<String> command,
            Path workingDirectory,
            Path log) {
        try {
            return new ServerProcess(launch(directory, name, quitSignal, command, workingDirectory, log));
        } catch (IOException e) {
            throw new LocalClusterException("Cannot start " + name + ": " + e.getMessage(), e);
        }
    }

    /** Runs a program that ends by itself, such as the one that makes a data directory. */
    static void run(ClusterDirectory directory, List<String> command, String input, Path log) {
        String program = Path.of(command.get(0)).getFileName().toString();
        try {
            Process process = launch(directory, program, "KILL", command, directory.root(), log);
            try (OutputStream in = process.getOutputStream()) {
                in.write(input.getBytes(StandardCharsets.UTF_8));
            }
            if (!new ServerProcess(process).awaitExit(RUN_TIME) || process.exitValue() != 0) {
                throw new LocalClusterException(program + " failed: " + Files.readString(log));
            }
        } catch (IOException e) {
            throw new LocalClusterException("Cannot run " + program + ": " + e.getMessage(), e);
        }
    }

    private static Process launch(
            ClusterDirectory directory,
            String name,
            String quitSignal,
            List<String> command,
            Path workingDirectory,
            Path log)
            throws IOException {
        Path pidFile = directory.newPidFile(name);
        List<String> launch = new ArrayList<>(List.of("sh", "-c", ClusterDirectory.LAUNCH_SCRIPT, "launch"));
        launch.addAll(List.of(directory.root().toString(), pidFile.getFileName().toString(), quitSignal));
        launch.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(launch)
                .directory(workingDirectory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        useNeutralEnvironment(builder.environment());
        Process process = builder.start();
        var unused = process.onExit().thenRun(() -> forget(pidFile));
        return process;
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Sends a signal to the main process alone. */
    void signal(String signal) {
        send(signal, List.of(process.pid()));
    }

    boolean awaitExit(Duration limit) {
        try {
            return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LocalClusterException("Interrupted while waiting for process " + process.pid() + " to end", e);
        }
    }

    /** Kills the main process and all its children; returns when none is left. */
    void kill() {
        List<ProcessHandle> children = stopFamily();
        List<Long> pids = new ArrayList<>(List.of(process.pid()));
        children.forEach(child -> pids.add(child.pid()));
        send("KILL", pids);
        if (!awaitExit(SIGNAL_TIME)
                || !Deadline.in(SIGNAL_TIME).await(() -> children.stream().noneMatch(ProcessState::runs))) {
            throw new LocalClusterException("Process " + process.pid() + " and its children " + pids + " are not gone "
                    + SIGNAL_TIME.toSeconds() + " s after they were killed.");
        }
    }

    /** Stops the main process first, so that it cannot make new children, then every child. */
    void freeze() {
        stopFamily();
    }

    /** Lets every child go on, then the main process. */
    void thaw() {
        List<Long> pids = new ArrayList<>();
        process.descendants().forEach(child -> pids.add(child.pid()));
        pids.add(process.pid());
        send("CONT", pids);
    }

    private List<ProcessHandle> stopFamily() {
        send("STOP", List.of(process.pid()));
        if (!Deadline.in(SIGNAL_TIME).await(() -> !process.isAlive() || ProcessState.isStopped(process.pid()))) {
            throw new LocalClusterException(
                    "Process " + process.pid() + " did not stop within " + SIGNAL_TIME.toSeconds() + " s.");
        }
        List<ProcessHandle> children = process.descendants().toList();
        if (!children.isEmpty()) {
            send("STOP", children.stream().map(ProcessHandle::pid).toList());
        }
        return children;
    }

    private static void send(String signal, List<Long> pids) {
        // The shell's own kill: a separate program of that name is not on every machine.
        List<String> command = new ArrayList<>(List.of("sh", "-c", "kill -s \"$0\" \"$@\"", signal));
        pids.forEach(pid -> command.add(Long.toString(pid)));
        try {
            // The exit code tells only that one of them is gone already, which is no failure.
            new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new LocalClusterException("Cannot send signal " + signal + " to " + pids, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LocalClusterException("Interrupted while sending signal " + signal + " to " + pids, e);
        }
    }

    /** Variables such as PGDATA, PGOPTIONS or LC_ALL must not reach the servers. */
    private static void useNeutralEnvironment(Map<String, String> environment) {
        String path = environment.getOrDefault("PATH", "/usr/bin:/bin");
        environment.clear();
        environment.put("PATH", path);
        environment.put("LC_ALL", "C");
    }

    private static void forget(Path pidFile) {
        try {
            Files.deleteIfExists(pidFile);
        } catch (IOException e) {
            // The guard compares the start time too, so a record that stays does no harm.
        }
    }
}
