package io.github.r2dbcrouting.selection;

import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Places;
import io.github.r2dbcrouting.topology.Topology;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import org.jspecify.annotations.Nullable;

/**
 * The places that nodes have ever had. A wish for one that no node has had is a mistake; one whose last node was taken out is
 * only empty.
 */
final class KnownPlaces {

    private final Set<String> tags = new ConcurrentSkipListSet<>();
    private final Set<String> zones = new ConcurrentSkipListSet<>();
    private final Set<String> regions = new ConcurrentSkipListSet<>();

    void add(Topology topology) {
        for (NodeState node : topology.nodes()) {
            tags.addAll(node.settings().placement().tags());
            add(zones, node.settings().placement().zone());
            add(regions, node.settings().placement().region());
        }
    }

    private static void add(Set<String> names, @Nullable String name) {
        if (name != null) {
            names.add(name);
        }
    }

    /** Returns what is wrong with a wish, or {@code null} if nothing is. */
    @Nullable
    String objection(Places places) {
        String tag = unknown(places.tags(), tags);
        if (tag != null) {
            return "no node is tagged '" + tag + "'" + known(tags, "none was given a tag");
        }
        String zone = unknown(places.zones(), zones);
        if (zone != null) {
            return "no node is in zone '" + zone + "'" + known(zones, "none was given a zone");
        }
        String region = unknown(places.regions(), regions);
        return region == null
                ? null
                : "no node is in region '" + region + "'" + known(regions, "none was given a region");
    }

    private static @Nullable String unknown(Iterable<String> wished, Set<String> known) {
        for (String name : wished) {
            if (!known.contains(name)) {
                return name;
            }
        }
        return null;
    }

    private static String known(Set<String> names, String none) {
        return names.isEmpty() ? ": " + none : "; use one of " + String.join(", ", names);
    }
}
