package io.github.r2dbcrouting.sql;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/**
 * What a server says of its functions, by name alone: a text does not show which of several functions of a name it calls, so
 * the worst of them counts, in whatever schema. Immutable; two are equal if they say the same.
 *
 * @param harmless the names of which every function, in every schema, only computes or reads
 * @param harmful the names of which some function may do more
 * @param overloading those of {@code harmful} of which such a function is not built into the server
 */
public record FunctionCatalog(Set<String> harmless, Set<String> harmful, Set<String> overloading) {

    /** Nothing is known of any function. */
    public static final FunctionCatalog NONE = new FunctionCatalog(Set.of(), Set.of(), Set.of());

    public FunctionCatalog {
        harmless = Set.copyOf(harmless);
        harmful = Set.copyOf(harmful);
        overloading = Set.copyOf(overloading);
    }

    /**
     * Functions of one name.
     *
     * @param name as the server stores it, or in lower case where it does not tell cases apart
     * @param builtIn whether they belong to the server itself
     * @param harmless whether all of them only compute or read
     */
    public record Entry(String name, boolean builtIn, boolean harmless) {}

    /** Returns the catalogue of all these functions; a name may come several times. */
    public static FunctionCatalog of(Collection<Entry> functions) {
        Set<String> harmless = new HashSet<>();
        Set<String> harmful = new HashSet<>();
        Set<String> overloading = new HashSet<>();
        for (Entry function : functions) {
            (function.harmless() ? harmless : harmful).add(function.name());
            if (!function.harmless() && !function.builtIn()) {
                overloading.add(function.name());
            }
        }
        harmless.removeAll(harmful);
        return new FunctionCatalog(harmless, harmful, overloading);
    }

    /** Returns whether there is any function of this name. */
    public boolean knows(String name) {
        return harmless.contains(name) || harmful.contains(name);
    }

    /** Returns how many names it knows. */
    public int size() {
        return harmless.size() + harmful.size();
    }

    @Override
    public String toString() {
        return "catalogue of " + size() + " functions, " + harmful.size() + " of which may do more than read";
    }
}
