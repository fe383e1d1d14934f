package io.github.r2dbcrouting.topology;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where a node stands and what it is for, as the user calls it.
 *
 * @param region such as {@code eu-central}, or {@code null}
 * @param zone a part of a region, such as {@code eu-central-1a}, or {@code null}
 * @param tags what else it is, such as {@code analytics}; none blank
 */
public record Placement(@Nullable String region, @Nullable String zone, Set<String> tags) {

    /** No place in particular. */
    public static final Placement NONE = new Placement(null, null, Set.of());

    public Placement {
        requireText("region", region);
        requireText("zone", zone);
        tags = Set.copyOf(tags);
        tags.forEach(tag -> requireText("tag", tag));
    }

    private static void requireText(String what, @Nullable String value) {
        if (value != null && value.isBlank()) {
            throw new IllegalArgumentException("a node's " + what + " must not be blank; leave it out for none");
        }
    }

    /** Returns the same place in a region. */
    public Placement inRegion(String name) {
        return new Placement(name, zone, tags);
    }

    /** Returns the same place in a zone. */
    public Placement inZone(String name) {
        return new Placement(region, name, tags);
    }

    /** Returns the same place with these tags and no others. */
    public Placement tagged(Set<String> names) {
        return new Placement(region, zone, names);
    }
}
