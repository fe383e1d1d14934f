package io.github.r2dbcrouting.monitor;

import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.position.Coverage;
import io.github.r2dbcrouting.position.ReplicationPosition;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Where the primary of one epoch stood, and when; immutable. It turns a replica's position into a lag without comparing
 * any two clocks.
 *
 * <p>A sample that was sent at {@code t} and answered {@code p} proves that everything the primary had flushed at
 * {@code t} lies within {@code p}. So a replica that covers {@code p} has all that was committed up to {@code t}, and is
 * behind by at most the time since. The newest sample that it covers gives the tightest bound. For a replica that has
 * everything, this is the time since the newest sample of the primary: the bound is never below what was really
 * measured, so it moves between zero and about one probe interval, and an idle primary does not make it grow.
 *
 * <p>At most {@value #CAPACITY} samples are kept, back to the beginning of the epoch. When there are more, the one goes
 * whose absence costs the least relative to its age, so that a lag of a second stays sharp to the interval and one of a day
 * to a few per cent. Samples of a primary that did not move take the place of one.
 */
final class LagHistory {

    static final int CAPACITY = 600;

    static final LagHistory EMPTY = new LagHistory(new long[0], new ReplicationPosition[0]);

    private final long[] sentAt;
    private final ReplicationPosition[] positions;

    private LagHistory(long[] sentAt, ReplicationPosition[] positions) {
        this.sentAt = sentAt;
        this.positions = positions;
    }

    /** Returns the history with a further sample; one that is not newer than the newest changes nothing. */
    LagHistory plus(long time, ReplicationPosition position) {
        int size = sentAt.length;
        if (size > 0 && time - sentAt[size - 1] <= 0) {
            return this;
        }
        boolean unmoved = size > 0 && positions[size - 1].equals(position);
        int last = unmoved ? size - 1 : size;
        long[] times = Arrays.copyOf(sentAt, last + 1);
        ReplicationPosition[] places = Arrays.copyOf(positions, last + 1);
        times[last] = time;
        places[last] = position;
        LagHistory next = new LagHistory(times, places);
        return times.length > CAPACITY ? next.without(next.leastUseful()) : next;
    }

    /** Returns whether {@code position} can be the next one of the same primary on the same branch. */
    boolean isContinuedBy(ReplicationPosition position, BranchHistory branches) {
        int size = positions.length;
        return size > 0 && branches.covers(position, positions[size - 1]) == Coverage.YES;
    }

    /**
     * Returns the upper bound of how far a replica was behind, or {@code null} if it stands before the oldest sample or on
     * a branch that does not compare: then there is no bound.
     *
     * @param reached the replica's position
     * @param sampledAt when the probe that found it there was sent
     */
    @Nullable
    Duration lag(ReplicationPosition reached, long sampledAt, BranchHistory branches) {
        for (int i = positions.length - 1; i >= 0; i--) {
            if (branches.covers(reached, positions[i]) == Coverage.YES) {
                return Duration.ofNanos(Math.max(0, sampledAt - sentAt[i]));
            }
        }
        return null;
    }

    int size() {
        return sentAt.length;
    }

    private int leastUseful() {
        int newest = sentAt.length - 1;
        int least = 1;
        double leastCost = Double.POSITIVE_INFINITY;
        for (int i = 1; i < newest; i++) {
            double cost = (double) (sentAt[i + 1] - sentAt[i - 1]) / (sentAt[newest] - sentAt[i]);
            if (cost < leastCost) {
                leastCost = cost;
                least = i;
            }
        }
        return least;
    }

    private LagHistory without(int index) {
        int size = sentAt.length;
        long[] times = Arrays.copyOf(sentAt, size - 1);
        ReplicationPosition[] places = Arrays.copyOf(positions, size - 1);
        System.arraycopy(sentAt, index + 1, times, index, size - 1 - index);
        System.arraycopy(positions, index + 1, places, index, size - 1 - index);
        return new LagHistory(times, places);
    }
}
