package io.github.r2dbcrouting.benchmarks.frame;

import io.github.r2dbcrouting.benchmarks.load.Database;
import java.util.List;

/** One measurement and what it has to reach. A new one is a class that implements this and a line in {@code Bench}. */
public interface Benchmark {

    /** Returns the name by which it is run. */
    String name();

    /** Returns what is measured, in one line. */
    String description();

    /** Returns the databases on which it runs, the usual one first; none if it needs none. All, unless it says otherwise. */
    default List<Database> databases() {
        return List.of(Database.values());
    }

    /**
     * Measures; blocks until done, and leaves no process or thread behind.
     *
     * @throws Exception if an operation failed, so that the figures would mean nothing
     */
    Report run(Assignment assignment) throws Exception;
}
