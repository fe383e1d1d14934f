package io.github.r2dbcrouting.cluster;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/** Finds the PostgreSQL of this platform on the class path and unpacks it. */
final class PostgresqlBinaries {

    private PostgresqlBinaries() {}

    /**
     * Returns the directory with {@code bin}, {@code lib} and {@code share}.
     *
     * @param workspace where to unpack, see {@link BinaryCache#get}
     */
    static Path unpack(Platform platform, BinaryCache cache, Path workspace) {
        URL archive = locate(platform);
        return cache.get("postgresql-" + BinaryCache.fingerprint(archive), workspace, to -> unpack(archive, to));
    }

    /** Refuses, in one sentence, a platform that has no binaries or none on the class path. */
    static URL locate(Platform platform) {
        String name = platform.postgresqlArchive();
        URL archive = PostgresqlBinaries.class.getClassLoader().getResource(name);
        if (archive == null) {
            throw new LocalClusterException("No PostgreSQL for " + platform.os() + " (" + platform.arch()
                    + ") is on the class path: add " + platform.postgresqlArtifact() + ".");
        }
        return archive;
    }

    private static void unpack(URL archive, Path to) throws IOException {
        try (InputStream in = archive.openStream();
                TarArchiveInputStream tar = new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(in)))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                unpack(entry, tar, to);
            }
        }
    }

    private static void unpack(TarArchiveEntry entry, TarArchiveInputStream tar, Path to) throws IOException {
        Path target = to.resolve(entry.getName()).normalize();
        if (!target.startsWith(to)) {
            throw new IOException("The archive's entry " + entry.getName() + " leads out of the archive");
        }
        // Needed only to compile extensions.
        if (target.toString().endsWith(".a") || entry.getName().contains("/pgxs/")) {
            return;
        }
        Files.createDirectories(entry.isDirectory() ? target : target.getParent());
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
        } else if (!entry.isDirectory()) {
            Files.copy(tar, target);
            if ((entry.getMode() & 0100) != 0) {
                Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
        }
    }
}
