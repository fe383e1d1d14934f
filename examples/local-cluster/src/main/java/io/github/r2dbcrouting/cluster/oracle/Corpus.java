package io.github.r2dbcrouting.cluster.oracle;

import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.oracle.CorpusText.Mark;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Statements of every kind that the manual of a database has, with the tables and functions that they are about.
 *
 * @param setUp what makes those tables and functions
 * @param texts the statements, in the order of the manual
 */
public record Corpus(List<String> setUp, List<CorpusText> texts) {

    public Corpus {
        setUp = List.copyOf(setUp);
        texts = List.copyOf(texts);
    }

    /** Returns the statements of PostgreSQL 18. */
    public static Corpus postgresql() {
        return read("postgresql");
    }

    /** Returns the statements of MariaDB 11.4, and those that MySQL 8 and 9 have besides. */
    public static Corpus mysql() {
        return read("mysql");
    }

    /** Makes the tables and functions in a cluster; returns when every replica has them. */
    public void setUp(LocalCluster cluster) {
        setUp.forEach(cluster::execute);
        cluster.awaitReplication();
    }

    private static Corpus read(String name) {
        List<CorpusText> texts = new ArrayList<>();
        Mark mark = Mark.NONE;
        String reason = "";
        for (String entry : entries(name + ".txt")) {
            if (entry.startsWith("@ ")) {
                mark = markOf(entry);
                reason = entry.substring(mark.prefix().length());
            } else {
                texts.add(new CorpusText(entry, mark, reason));
                mark = Mark.NONE;
                reason = "";
            }
        }
        return new Corpus(entries(name + "-setup.txt"), texts);
    }

    private static Mark markOf(String line) {
        return Arrays.stream(Mark.values())
                .filter(mark -> mark != Mark.NONE && line.startsWith(mark.prefix()))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no mark is written like this: " + line));
    }

    /** Returns what stands in a file, a line that begins with a blank together with the one before. */
    private static List<String> entries(String file) {
        List<String> entries = new ArrayList<>();
        for (String line : lines(file)) {
            if (line.startsWith(" ")) {
                int last = entries.size() - 1;
                entries.set(last, entries.get(last) + "\n" + line);
            } else if (!line.isEmpty() && !line.startsWith("#")) {
                entries.add(line);
            }
        }
        return entries;
    }

    private static List<String> lines(String file) {
        try (InputStream stream = Corpus.class.getResourceAsStream(file)) {
            if (stream == null) {
                throw new IllegalStateException("the corpus " + file + " is not on the class path");
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
