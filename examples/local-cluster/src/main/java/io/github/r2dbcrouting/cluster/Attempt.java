package io.github.r2dbcrouting.cluster;

import java.io.IOException;
import java.sql.SQLException;

/** Runs what may fail with a checked exception and says what failed. */
final class Attempt {

    private Attempt() {}

    interface Action {
        void run() throws IOException, SQLException;
    }

    interface Computation<T> {
        T run() throws IOException, SQLException;
    }

    static void to(String what, Action action) {
        toGet(what, () -> {
            action.run();
            return true;
        });
    }

    static <T> T toGet(String what, Computation<T> computation) {
        try {
            return computation.run();
        } catch (IOException | SQLException e) {
            throw new LocalClusterException("Cannot " + what + ": " + e.getMessage(), e);
        }
    }
}
