package io.github.r2dbcrouting.benchmarks.frame;

/**
 * What a figure has to reach.
 *
 * @param direction which side of the limit is good
 * @param limit the last value that is good enough
 * @param unit the unit of the limit and of the figure; empty for a ratio
 */
public record Reach(Direction direction, double limit, String unit) {

    /** Which side of a limit is good. */
    enum Direction {
        AT_LEAST,
        AT_MOST
    }

    public static Reach atLeast(double limit, String unit) {
        return new Reach(Direction.AT_LEAST, limit, unit);
    }

    public static Reach atMost(double limit, String unit) {
        return new Reach(Direction.AT_MOST, limit, unit);
    }

    Verdict verdict(Estimate estimate) {
        double worst = margin(direction == Direction.AT_LEAST ? estimate.low() : estimate.high());
        double best = margin(direction == Direction.AT_LEAST ? estimate.high() : estimate.low());
        if (worst >= 0) {
            return Verdict.MET;
        }
        return best < 0 ? Verdict.MISSED : Verdict.INCONCLUSIVE;
    }

    /** Returns by how much a value is better than the limit; negative for one that is not good enough. */
    double margin(double value) {
        return direction == Direction.AT_LEAST ? value - limit : limit - value;
    }

    @Override
    public String toString() {
        return (direction == Direction.AT_LEAST ? "at least " : "at most ") + Numbers.plain(limit) + unitSuffix();
    }

    String unitSuffix() {
        return unit.isEmpty() ? "" : " " + unit;
    }
}
