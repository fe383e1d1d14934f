package io.github.r2dbcrouting.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Shows that the formatter and the compiler gates trip. Builds the modules below {@code src/test/gates} with Maven: they
 * inherit the root pom, so what is shown is the real configuration and not a copy of it.
 */
final class BuildGatesTests {

    private static String output = "";

    @BeforeAll
    static void build(@TempDir Path directory) throws IOException, InterruptedException {
        Path log = directory.resolve("log");
        ProcessBuilder maven =
                new ProcessBuilder(command(directory)).redirectErrorStream(true).redirectOutput(log.toFile());
        Process process = maven.start();
        try {
            assertThat(process.waitFor(100, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        // The encoding is that of the machine; what is looked for is plain.
        output = Files.readString(log, StandardCharsets.ISO_8859_1);
    }

    @Test
    void shouldBuildSoundCode() {
        assertThat(output).containsPattern("gate-sound \\.+ SUCCESS");
    }

    @Test
    void shouldFailOnALintWarning() {
        assertThat(output)
                .containsPattern("gate-lint \\.+ FAILURE")
                .containsPattern("WARNING.*RawType\\.java:\\[7,5] found raw type")
                .contains("RawType.java: warnings found and -Werror specified");
    }

    @Test
    void shouldFailOnAPossibleNull() {
        assertThat(output)
                .containsPattern("gate-nullness \\.+ FAILURE")
                .containsPattern("ERROR.*ReturnsNull\\.java:\\[9,9] \\[NullAway] returning @Nullable expression");
    }

    @Test
    void shouldFailOnAnErrorProneFinding() {
        assertThat(output)
                .containsPattern("gate-error-prone \\.+ FAILURE")
                .containsPattern("ERROR.*DependsOnTheLocale\\.java:\\[6,32] \\[StringCaseLocaleUsage]");
    }

    @Test
    void shouldFailOnAnUnformattedSource() {
        assertThat(output)
                .containsPattern("gate-format \\.+ FAILURE")
                .contains("The following files had format violations:", "src/main/java/gates/Untidy.java");
    }

    private static List<String> command(Path directory) {
        // Without Surefire (in an IDE) the wrapper does, and the user's own repository.
        String home = System.getProperty("maven.home");
        String maven = home == null ? "../mvnw" : Path.of(home, "bin", "mvn").toString();
        String repository = System.getProperty(
                "gates.repository",
                Path.of(System.getProperty("user.home"), ".m2", "repository").toString());
        return List.of(
                maven,
                "--offline",
                "--batch-mode",
                "--fail-at-end",
                "--file=src/test/gates",
                "-Dmaven.repo.local=" + repository,
                "-Dgates.output=" + directory,
                "compile");
    }
}
