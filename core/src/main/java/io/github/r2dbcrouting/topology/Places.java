package io.github.r2dbcrouting.topology;

import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which nodes come first: those of a tag before others, among equals those of a zone, among those again those of a region. In
 * each list the first name is the dearest; nodes of none of them come last.
 *
 * @param tags none blank
 * @param zones none blank
 * @param regions none blank
 */
public record Places(List<String> tags, List<String> zones, List<String> regions) {

    private static final String TAG = "tag";

    /** Anywhere. */
    public static final Places ANY = new Places(List.of(), List.of(), List.of());

    public Places {
        tags = checked("tag", tags);
        zones = checked("zone", zones);
        regions = checked("region", regions);
    }

    private static List<String> checked(String what, List<String> names) {
        for (String name : names) {
            if (name.isBlank()) {
                throw new IllegalArgumentException("the " + what + " must not be blank; leave it out for any");
            }
        }
        return List.copyOf(names);
    }

    /** Returns the wish for nodes with a tag. */
    public static Places tagged(String... names) {
        return new Places(List.of(names), List.of(), List.of());
    }

    /** Returns the wish for nodes in a zone. */
    public static Places inZone(String... names) {
        return new Places(List.of(), List.of(names), List.of());
    }

    /** Returns the wish for nodes in a region. */
    public static Places inRegion(String... names) {
        return new Places(List.of(), List.of(), List.of(names));
    }

    /** Returns these, and for tags, zones or regions that they leave open what weaker ones say. */
    public Places or(Places weaker) {
        if (weaker.isAny() || equals(weaker)) {
            return this;
        }
        return isAny()
                ? weaker
                : new Places(
                        tags.isEmpty() ? weaker.tags : tags,
                        zones.isEmpty() ? weaker.zones : zones,
                        regions.isEmpty() ? weaker.regions : regions);
    }

    /** Returns whether they name nothing. */
    public boolean isAny() {
        return tags.isEmpty() && zones.isEmpty() && regions.isEmpty();
    }

    /** Returns what each kind of name is called, the names, and which of them a place has. */
    public List<Kind> kinds() {
        return List.of(
                new Kind(TAG, tags, Placement::tags),
                new Kind("zone", zones, place -> one(place.zone())),
                new Kind("region", regions, place -> one(place.region())));
    }

    private static Set<String> one(@Nullable String name) {
        return name == null ? Set.of() : Set.of(name);
    }

    /**
     * The names of one kind.
     *
     * @param name what it is called
     * @param wished the names, dearest first
     * @param of which names of the kind a place has
     */
    public record Kind(String name, List<String> wished, Function<Placement, Set<String>> of) {

        /** Returns whether a node is marked with them, rather than that it stands in one of them. */
        public boolean areTags() {
            return name.equals(TAG);
        }
    }
}
