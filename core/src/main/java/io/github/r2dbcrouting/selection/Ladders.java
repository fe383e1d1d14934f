package io.github.r2dbcrouting.selection;

import io.github.r2dbcrouting.topology.Topology;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The ladders of one snapshot: that of reads without hints, and those for limits that hints have asked for so far. */
final class Ladders {

    /** A program has few limits; one that makes up a new one for each statement must not fill the memory. */
    private static final int MOST = 64;

    private final Topology topology;
    private final LadderRules rules;
    private final ReadLadder plain;
    private final Map<Limits, ReadLadder> special = new ConcurrentHashMap<>(4);

    Ladders(Topology topology, LadderRules rules) {
        this.topology = topology;
        this.rules = rules;
        SelectionSettings settings = rules.settings();
        this.plain = ladder(Limits.of(settings.unhinted(), settings.readPreference() == ReadPreference.NEAREST));
    }

    private ReadLadder ladder(Limits limits) {
        return new ReadLadder(topology, limits, rules);
    }

    boolean areOf(Topology other, Overrides switched) {
        return topology == other && rules.overrides() == switched;
    }

    /** Returns the ladder of reads without hints, and of what goes to the primary without any. */
    ReadLadder plain() {
        return plain;
    }

    /** Returns the ladder of reads with these hints. */
    ReadLadder within(RoutingHints hints, Target target) {
        Limits limits = Limits.of(hints, target == Target.NEAREST);
        if (limits.equals(plain.limits())) {
            return plain;
        }
        ReadLadder known = special.get(limits);
        if (known == null) {
            known = ladder(limits);
            if (special.size() < MOST) {
                special.put(limits, known);
            }
        }
        return known;
    }
}
