package io.github.r2dbcrouting.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Copies and removes the data directories of servers. */
final class DataDirectory {

    private static final int LARGE = 1 << 20;
    private static final int BLOCK = 1 << 16;
    private static final byte[] ZEROS = new byte[BLOCK];

    private DataDirectory() {}

    /**
     * Copies a data directory; of directories that do not pass the filter it copies nothing, files that vanish meanwhile are
     * left out.
     *
     * @param wanted is asked with paths relative to the source
     */
    static void copy(Path from, Path to, Predicate<Path> wanted) throws IOException {
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) throws IOException {
                if (!dir.equals(from) && !wanted.test(from.relativize(dir))) {
                    return FileVisitResult.SKIP_SUBTREE;
                }
                Files.createDirectory(
                        to.resolve(from.relativize(dir)),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (wanted.test(from.relativize(file))) {
                    try {
                        copyFile(file, to.resolve(from.relativize(file)), attributes.size());
                    } catch (NoSuchFileException e) {
                        // Removed by the running server since it was listed: such a file is not needed in the copy
                        // either.
                        return FileVisitResult.CONTINUE;
                    }
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                if (failure instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw failure;
            }
        });
    }

    /** Leaves out long runs of zeros, of which logs that are written in advance consist for the most part. */
    private static void copyFile(Path from, Path to, long size) throws IOException {
        if (size < LARGE) {
            Files.copy(from, to);
            return;
        }
        byte[] block = new byte[BLOCK];
        try (InputStream in = Files.newInputStream(from);
                RandomAccessFile out = new RandomAccessFile(to.toFile(), "rw")) {
            long position = 0;
            for (int read = in.readNBytes(block, 0, BLOCK); read > 0; read = in.readNBytes(block, 0, BLOCK)) {
                if (!Arrays.equals(block, 0, read, ZEROS, 0, read)) {
                    out.seek(position);
                    out.write(block, 0, read);
                }
                position += read;
            }
            out.setLength(position);
        }
    }

    /** Removes a directory with all that is in it; does nothing if it does not exist. */
    static void remove(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException failure) throws IOException {
                Files.delete(dir);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
