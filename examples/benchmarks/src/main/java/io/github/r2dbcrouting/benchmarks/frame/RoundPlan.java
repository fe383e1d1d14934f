package io.github.r2dbcrouting.benchmarks.frame;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;

/**
 * How long is measured what takes turns in short rounds.
 *
 * @param warmUp before the first round, of each or of all together
 * @param rounds how many, in each of which each has a turn
 * @param turn how long one lasts
 */
public record RoundPlan(Duration warmUp, int rounds, Duration turn) {

    /** Returns whose turn comes when: each round begins with another one, and every other round goes backwards. */
    public static <T> List<T> order(Collection<T> all, int round) {
        List<T> order = new ArrayList<>(all);
        Collections.rotate(order, round);
        if (round % 2 == 1) {
            Collections.reverse(order);
        }
        return order;
    }
}
