package io.github.r2dbcrouting.selector;

/**
 * Why a node does not qualify.
 *
 * @param kind what its kind of objections has in common, to be counted in a summary: {@code "lag > maxLag"}
 * @param text what is wrong with this node: {@code "lag 12.3 s > maxLag 5 s"}
 */
public record Objection(String kind, String text) {

    /** Returns one whose text begins with its kind. */
    public static Objection of(String kind, String detail) {
        return new Objection(kind, kind + ": " + detail);
    }
}
