package io.github.r2dbcrouting.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;

/**
 * Keeps what is costly to make, unpacked server binaries above all, for later clusters and other JVMs of the same user.
 *
 * <p>An entry is made inside a cluster's own directory and then renamed into the cache, so that nobody sees half of it and
 * a killed JVM leaves none of it.
 */
final class BinaryCache {

    /** Lists how many files an entry has: cleaners of the temporary directory remove single old files. */
    private static final String MANIFEST = ".files";

    private final Path directory;

    private BinaryCache(Path directory) {
        this.directory = directory;
    }

    /** Opens this user's cache below {@code java.io.tmpdir}. */
    static BinaryCache open() {
        String user = System.getProperty("user.name").replaceAll("[^A-Za-z0-9._-]", "_");
        return in(Path.of(System.getProperty("java.io.tmpdir"), "r2dbc-routing-local-cluster-" + user)
                .toAbsolutePath());
    }

    static BinaryCache in(Path directory) {
        try {
            try {
                Files.createDirectory(directory);
            } catch (IOException e) {
                if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
                    throw e;
                }
            }
            requireOwn(directory);
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
            return new BinaryCache(directory);
        } catch (IOException e) {
            throw new LocalClusterException("Cannot use the directory " + directory + ": " + e, e);
        }
    }

    /** Makes an entry's files in an empty directory. */
    interface Maker {
        void make(Path directory) throws IOException;
    }

    /**
     * Returns the directory of an entry, which is made if it is not there or not complete.
     *
     * @param key a file name that identifies the content
     * @param workspace a directory on the same file system that is removed later by somebody else
     */
    Path get(String key, Path workspace, Maker maker) {
        Path entry = directory.resolve(key);
        if (isComplete(entry)) {
            return entry;
        }
        Path fresh = workspace.resolve("unpacking-" + UUID.randomUUID());
        try {
            Files.createDirectory(fresh);
            maker.make(fresh);
            Files.writeString(fresh.resolve(MANIFEST), Long.toString(countFiles(fresh)));
            openToEverybody(fresh);
            if (Files.exists(entry) && !isComplete(entry)) {
                Files.move(entry, workspace.resolve("damaged-" + UUID.randomUUID()), StandardCopyOption.ATOMIC_MOVE);
            }
            Files.move(fresh, entry, StandardCopyOption.ATOMIC_MOVE);
            return entry;
        } catch (IOException e) {
            if (isComplete(entry)) {
                // Another JVM was faster; ours goes with the workspace.
                return entry;
            }
            throw new LocalClusterException("Cannot unpack " + key + " into " + directory + ": " + e, e);
        }
    }

    /** Names a resource by its content: in a jar by the checksum that the jar has anyway. */
    static String fingerprint(URL resource) {
        try {
            URLConnection connection = resource.openConnection();
            if (connection instanceof JarURLConnection jar
                    && jar.getJarEntry() != null
                    && jar.getJarEntry().getCrc() != -1) {
                return Long.toHexString(jar.getJarEntry().getCrc());
            }
            CRC32 checksum = new CRC32();
            try (InputStream in = new CheckedInputStream(connection.getInputStream(), checksum)) {
                in.transferTo(OutputStream.nullOutputStream());
            }
            return Long.toHexString(checksum.getValue());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + resource, e);
        }
    }

    private static boolean isComplete(Path entry) {
        try {
            return countFiles(entry) == Long.parseLong(Files.readString(entry.resolve(MANIFEST)));
        } catch (IOException | UncheckedIOException | NumberFormatException e) {
            return false;
        }
    }

    /** Whatever the umask was: the servers may run as another user than this JVM. */
    private static void openToEverybody(Path entry) throws IOException {
        try (Stream<Path> files = Files.walk(entry)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                if (!Files.isSymbolicLink(file)) {
                    boolean program = Files.isDirectory(file) || Files.isExecutable(file);
                    Files.setPosixFilePermissions(
                            file, PosixFilePermissions.fromString(program ? "rwxr-xr-x" : "rw-r--r--"));
                }
            }
        }
    }

    private static long countFiles(Path entry) throws IOException {
        try (Stream<Path> files = Files.walk(entry)) {
            return files.filter(file -> !file.getFileName().toString().equals(MANIFEST))
                    .count();
        }
    }

    /** In a temporary directory anybody can make a directory of our name, and we are going to run what is in it. */
    private static void requireOwn(Path directory) throws IOException {
        Path probe = Files.createTempFile("r2dbc-routing-owner", "");
        try {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(directory, LinkOption.NOFOLLOW_LINKS);
            if (!Files.getOwner(directory, LinkOption.NOFOLLOW_LINKS).equals(Files.getOwner(probe))
                    || permissions.contains(PosixFilePermission.GROUP_WRITE)
                    || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
                throw new LocalClusterException("Will not run programs from " + directory
                        + ", which other users can write to: remove it or choose another place by -Djava.io.tmpdir.");
            }
        } finally {
            Files.delete(probe);
        }
    }
}
