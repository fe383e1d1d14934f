package io.github.r2dbcrouting.balancing;

import io.github.r2dbcrouting.topology.NodeId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Counts turns, for each set of candidates by itself: were they counted together, two kinds of reads that alternate would each find
 * only every other turn, and one half of their nodes would never be picked. A set goes on with its turns in the next snapshot. No
 * caller waits for another; what is counted takes no memory for a list that was seen lately.
 */
final class Turns {

    /** So many lists are found at once: those of the rungs of a few ladders. */
    private static final int SLOTS = 16;

    /** Lists from which nodes were taken out for one statement are sets of their own. */
    private static final int MOST_SETS = 256;

    private final long first;
    private final AtomicReferenceArray<@Nullable Counted> latest = new AtomicReferenceArray<>(SLOTS);
    private final Map<List<NodeId>, AtomicLong> turns = new ConcurrentHashMap<>();

    private record Counted(List<Candidate> candidates, AtomicLong turn) {}

    Turns(long first) {
        this.first = first;
    }

    /** Returns whose turn it is, from 0 to {@code bound - 1}. */
    int next(List<Candidate> candidates, int bound) {
        return (int) Math.floorMod(of(candidates).getAndIncrement(), (long) bound);
    }

    private AtomicLong of(List<Candidate> candidates) {
        int slot = System.identityHashCode(candidates) & SLOTS - 1;
        Counted counted = latest.get(slot);
        if (counted == null || counted.candidates != candidates) {
            counted = new Counted(candidates, turn(candidates));
            latest.set(slot, counted);
        }
        return counted.turn;
    }

    private AtomicLong turn(List<Candidate> candidates) {
        List<NodeId> ids = new ArrayList<>(candidates.size());
        for (Candidate candidate : candidates) {
            ids.add(candidate.id());
        }
        AtomicLong known = turns.get(ids);
        if (known != null) {
            return known;
        }
        if (turns.size() >= MOST_SETS) {
            turns.clear();
        }
        return turns.computeIfAbsent(ids, set -> new AtomicLong(first));
    }
}
