package io.github.r2dbcrouting.outlier;

import io.github.r2dbcrouting.topology.NodeProblem;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * For how long one node is left out, and how often it was. Times are nanoseconds of the monitor's clock.
 *
 * @param level how often the time has doubled, plus one; 0 if it was never left out
 * @param problem what it is left out for, or {@code null} if it is not
 * @param until when that ends, or ended
 * @param lastTerm for how long it was left out the last time that counts
 */
record Ejection(int level, @Nullable NodeProblem problem, long until, long lastTerm) {

    static final Ejection NONE = new Ejection(0, null, 0, 1);

    /** Doubling ends long before that. */
    private static final int HIGHEST_LEVEL = 32;

    /** So that nodes which were left out together do not come back together. */
    private static final double JITTER = 0.2;

    boolean isInForce(long now) {
        return problem != null && until - now > 0;
    }

    /**
     * Returns what follows when it is left out now.
     *
     * @param brief whether only for so long that somebody else can step in, which is not held against it
     * @param chance 0 to 1, spreads the ends
     */
    Ejection next(OutlierFinding finding, OutlierSettings.Term term, boolean brief, long now, double chance) {
        int grown = Math.min(HIGHEST_LEVEL, forgiven(now) + 1);
        long limit = (brief ? shorter(term.base()) : term.longest()).toNanos();
        double doubled = term.base().toNanos() * Math.pow(2, grown - 1);
        long nanos = (long) (Math.min(doubled, limit) * (1 + JITTER * chance));
        return brief
                ? new Ejection(forgiven(now), problem(finding, nanos), now + nanos, lastTerm)
                : new Ejection(grown, problem(finding, nanos), now + nanos, nanos);
    }

    private static Duration shorter(Duration base) {
        Duration brief = Duration.ofSeconds(1);
        return base.compareTo(brief) < 0 ? base : brief;
    }

    /** Returns the level that is left, after it has served well since it came back. */
    private int forgiven(long now) {
        return level == 0 ? 0 : (int) Math.max(0, level - Math.max(0, now - until) / lastTerm);
    }

    /** Returns the same once it is over. */
    Ejection ended(long now) {
        return new Ejection(level, null, until - now > 0 ? now : until, lastTerm);
    }

    private static NodeProblem problem(OutlierFinding finding, long nanos) {
        String seen = "is left out for " + Spans.of(nanos) + ": " + finding.seen();
        return switch (finding.cause()) {
            case ERRORS -> new NodeProblem(NodeProblem.Kind.FAILING, seen, "", "");
            case LATENCY -> new NodeProblem(NodeProblem.Kind.SLOW, seen, "", "");
        };
    }
}
