package io.github.r2dbcrouting.outlier;

import java.time.Duration;

/**
 * When a replica is left out for what became of statements on it, and for how long.
 *
 * @param enabled whether any is; a node that flaps is held back in any case
 * @param consecutiveErrors how many statements have to fail one after the other by the node's fault; at least 2
 * @param latency when a replica is too slow
 * @param term for how long it is left out
 * @param flapping when a node that comes and goes is held back
 */
public record OutlierSettings(boolean enabled, int consecutiveErrors, Latency latency, Term term, Flapping flapping) {

    public OutlierSettings {
        if (consecutiveErrors < 2) {
            throw new IllegalArgumentException(
                    "consecutive errors must be at least 2, got " + consecutiveErrors + ": one may be an accident");
        }
    }

    /**
     * When a replica is too slow: its median is more than {@code factor} times that of its peers, and more than {@code floor}
     * above it; or it has answered none of its statements for so long, while its peers answered theirs.
     *
     * @param factor more than 1
     * @param floor positive
     */
    public record Latency(double factor, Duration floor) {

        public Latency {
            if (!(factor > 1)) {
                throw new IllegalArgumentException("the latency factor must be more than 1, got " + factor);
            }
            requirePositive("the latency floor", floor);
        }
    }

    /**
     * For how long a replica is left out: {@code base} at first, doubled each time up to {@code longest}, and halved again for each
     * stretch as long as the last one that it served well.
     *
     * @param base positive
     * @param longest not shorter than {@code base}
     * @param mostShare of the replicas fewer than this share are left out at a time, but one of two may be; above 0, at most 1.
     *     Those that fail every statement may be more, where reads may go to the primary instead
     */
    public record Term(Duration base, Duration longest, double mostShare) {

        public Term {
            requirePositive("the ejection time", base);
            if (longest.compareTo(base) < 0) {
                throw new IllegalArgumentException(
                        "the longest ejection time must be " + base + " or more, got " + longest);
            }
            if (!(mostShare > 0 && mostShare <= 1)) {
                throw new IllegalArgumentException(
                        "the share of ejected replicas must be above 0 and at most 1, got " + mostShare);
            }
        }
    }

    /**
     * When a node that comes and goes is held back.
     *
     * @param changes how many changes between answering and not answering, or from one life to the next, are tolerated; at least 2,
     *     which is what one restart takes
     * @param window within this time; and for this long it must have been stable to be used as others are again; positive
     */
    public record Flapping(int changes, Duration window) {

        public Flapping {
            if (changes < 2) {
                throw new IllegalArgumentException("the changes of a node that are tolerated must be at least 2, got "
                        + changes + ": one restart takes as many");
            }
            requirePositive("the window for changes of a node", window);
        }
    }

    /**
     * Returns what suits most: five errors, or five times as slow and 100 ms slower than the peers; left out for 5 s at first and 5 min
     * at most, fewer than half of them at a time; held back after more than three changes within 30 s.
     */
    public static OutlierSettings defaults() {
        return new OutlierSettings(
                true,
                5,
                new Latency(5, Duration.ofMillis(100)),
                new Term(Duration.ofSeconds(5), Duration.ofMinutes(5), 0.5),
                new Flapping(3, Duration.ofSeconds(30)));
    }

    private static void requirePositive(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(name + " must be positive, got " + value);
        }
    }
}
