package io.github.r2dbcrouting.benchmarks.frame;

import io.github.r2dbcrouting.benchmarks.load.Database;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the command line asks for.
 *
 * @param benchmark the one to run
 * @param length how much is measured
 * @param database the database to run on, {@code null} for a benchmark that needs none
 */
public record Assignment(
        Benchmark benchmark, Length length, @Nullable Database database) {

    /**
     * Reads a command line such as {@code overhead --quick --database mariadb}.
     *
     * @throws IllegalArgumentException if it makes no sense, with a message for the user
     */
    public static Assignment parse(List<Benchmark> benchmarks, String... arguments) {
        String name = null;
        Length length = Length.USUAL;
        Database database = null;
        Iterator<String> words = Arrays.asList(arguments).iterator();
        while (words.hasNext()) {
            String word = words.next();
            if (word.equals("--quick")) {
                length = Length.QUICK;
            } else if (word.equals("--long")) {
                length = Length.LONG;
            } else if (word.equals("--database")) {
                database = Database.named(words.hasNext() ? words.next() : "");
            } else if (word.startsWith("-") || name != null) {
                throw new IllegalArgumentException("unknown argument '" + word + "'");
            } else {
                name = word;
            }
        }
        return assign(named(benchmarks, name), length, database);
    }

    private static Assignment assign(Benchmark benchmark, Length length, @Nullable Database database) {
        List<Database> possible = benchmark.databases();
        if (database == null) {
            return new Assignment(benchmark, length, possible.isEmpty() ? null : possible.get(0));
        }
        if (!possible.contains(database)) {
            throw new IllegalArgumentException(
                    possible.isEmpty()
                            ? benchmark.name() + " runs without a database; leave --database out"
                            : benchmark.name() + " does not run on " + database + "; it runs on " + possible);
        }
        return new Assignment(benchmark, length, database);
    }

    private static Benchmark named(List<Benchmark> benchmarks, @Nullable String name) {
        return benchmarks.stream()
                .filter(benchmark -> benchmark.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        name == null ? "name a benchmark" : "no benchmark is called '" + name + "'"));
    }

    /** Returns the database of a benchmark that needs one. */
    public Database requiredDatabase() {
        return Objects.requireNonNull(database);
    }

    public boolean quick() {
        return length == Length.QUICK;
    }

    /** Returns what is run and on what, in one line. */
    @Override
    public String toString() {
        return benchmark.name()
                + (database == null ? "" : " on " + database)
                + switch (length) {
                    case QUICK -> ", quick and rough";
                    case USUAL -> "";
                    case LONG -> ", at length";
                };
    }
}
