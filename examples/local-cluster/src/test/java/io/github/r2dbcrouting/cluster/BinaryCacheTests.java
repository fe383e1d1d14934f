package io.github.r2dbcrouting.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BinaryCacheTests {

    @TempDir
    Path temporary;

    private final AtomicInteger made = new AtomicInteger();
    private BinaryCache cache;
    private Path workspace;

    @BeforeEach
    void open() throws IOException {
        cache = BinaryCache.in(temporary.resolve("cache"));
        workspace = Files.createDirectory(temporary.resolve("workspace"));
    }

    @Test
    void shouldMakeAnEntryOnce() {
        Path first = cache.get("entry", workspace, this::make);
        Path second = BinaryCache.in(temporary.resolve("cache")).get("entry", workspace, this::make);
        assertThat(second).isEqualTo(first);
        assertThat(first.resolve("bin/program")).hasContent("text");
        assertThat(made).hasValue(1);
    }

    @Test
    void shouldLetEverybodyReadAndRunButNotWriteWhateverTheUmask() throws IOException {
        Path entry = cache.get("entry", workspace, directory -> {
            make(directory);
            Files.setPosixFilePermissions(
                    directory.resolve("bin/program"), PosixFilePermissions.fromString("rwx------"));
            Files.setPosixFilePermissions(directory.resolve("bin"), PosixFilePermissions.fromString("rwx------"));
        });
        assertThat(permissions(entry)).isEqualTo("rwxr-xr-x");
        assertThat(permissions(entry.resolve("bin"))).isEqualTo("rwxr-xr-x");
        assertThat(permissions(entry.resolve("bin/program"))).isEqualTo("rwxr-xr-x");
        assertThat(permissions(entry.resolve("bin/text"))).isEqualTo("rw-r--r--");
    }

    @Test
    void shouldMakeAnEntryAgainOfWhichAFileIsGone() throws IOException {
        Path entry = cache.get("entry", workspace, this::make);
        Files.delete(entry.resolve("bin/text"));
        assertThat(cache.get("entry", workspace, this::make).resolve("bin/text"))
                .exists();
        assertThat(made).hasValue(2);
    }

    @Test
    void shouldNotShowAnEntryThatCouldNotBeMade() {
        assertThatThrownBy(() -> cache.get("entry", workspace, directory -> {
                    make(directory);
                    throw new IOException("disk full");
                }))
                .isInstanceOf(LocalClusterException.class)
                .hasMessageContaining("disk full");
        assertThat(temporary.resolve("cache/entry")).doesNotExist();
    }

    @Test
    void shouldAgreeOnOneEntryWhenSeveralMakeItAtOnce() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Callable<Path>> calls = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                calls.add(() -> cache.get("entry", workspace, this::make));
            }
            for (Future<Path> each : threads.invokeAll(calls)) {
                assertThat(each.get().resolve("bin/program")).hasContent("text");
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void shouldNotRunProgramsFromADirectoryThatOthersCanWriteTo() throws IOException {
        Path open = Files.createDirectory(temporary.resolve("open"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThatThrownBy(() -> BinaryCache.in(open))
                .isInstanceOf(LocalClusterException.class)
                .hasMessageContaining("which other users can write to");
    }

    @Test
    void shouldNotRunProgramsFromBehindALink() throws IOException {
        Path link = Files.createSymbolicLink(temporary.resolve("link"), workspace);
        assertThatThrownBy(() -> BinaryCache.in(link)).isInstanceOf(LocalClusterException.class);
    }

    private void make(Path directory) throws IOException {
        made.incrementAndGet();
        Path bin = Files.createDirectory(directory.resolve("bin"));
        Files.writeString(bin.resolve("text"), "text");
        Path program = Files.writeString(bin.resolve("program"), "text");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.createSymbolicLink(bin.resolve("link"), Path.of("program"));
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
