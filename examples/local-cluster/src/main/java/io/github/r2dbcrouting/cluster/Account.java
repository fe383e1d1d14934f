package io.github.r2dbcrouting.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who the servers run as: this JVM's user, or {@code nobody} if that is root, as whom the servers refuse to run.
 *
 * @param commandPrefix what to put before a server's command line
 * @param owner whom the servers' files must be given to, or {@code null} if they are the JVM's own user's
 */
record Account(List<String> commandPrefix, @Nullable UserPrincipal owner) {

    private static final String UNPRIVILEGED = "nobody";

    /** Finds the account that can work in a directory which this JVM has created. */
    static Account forServersIn(Path directory) {
        try {
            if (!Integer.valueOf(0).equals(Files.getAttribute(directory, "unix:uid"))) {
                return new Account(List.of(), null);
            }
            requireEntry(directory);
            UserPrincipal owner =
                    directory.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(UNPRIVILEGED);
            String group = groupOf(UNPRIVILEGED);
            return new Account(
                    List.of("setpriv", "--reuid=" + UNPRIVILEGED, "--regid=" + group, "--clear-groups"), owner);
        } catch (IOException e) {
            throw new LocalClusterException(
                    "Cannot run a database server as the user '" + UNPRIVILEGED + "' instead of root: "
                            + e.getMessage(),
                    e);
        }
    }

    /** Gives a file, or a directory with all that is in it, to the servers. */
    void give(Path path) throws IOException {
        UserPrincipal to = owner;
        if (to == null) {
            return;
        }
        Files.walkFileTree(path, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) throws IOException {
                Files.setOwner(dir, to);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.setOwner(file, to);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private static void requireEntry(Path directory) throws IOException {
        for (Path each = directory.toRealPath(); each != null; each = each.getParent()) {
            if (!Files.getPosixFilePermissions(each, LinkOption.NOFOLLOW_LINKS)
                    .contains(PosixFilePermission.OTHERS_EXECUTE)) {
                throw new LocalClusterException(
                        "The servers, which run as '" + UNPRIVILEGED + "' instead of root, cannot enter " + each
                                + ": choose another directory by -Djava.io.tmpdir.");
            }
        }
    }

    private static String groupOf(String user) throws IOException {
        Process id = new ProcessBuilder("id", "-g", user).start();
        String group = new String(id.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
        if (group.isEmpty()) {
            throw new IOException("no such user");
        }
        return group;
    }
}
