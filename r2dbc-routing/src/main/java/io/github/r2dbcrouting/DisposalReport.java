package io.github.r2dbcrouting;

import java.time.Duration;
import java.util.List;

/**
 * What the disposal of a factory came to.
 *
 * @param took how long it took
 * @param cutOff the physical connections that somebody still had when the time was over, each with its node; nothing goes
 *     on on them
 */
public record DisposalReport(Duration took, List<String> cutOff) {

    public DisposalReport {
        cutOff = List.copyOf(cutOff);
    }

    /** Returns whether everything came to its end by itself. */
    public boolean isClean() {
        return cutOff.isEmpty();
    }
}
