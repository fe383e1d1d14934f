package io.github.r2dbcrouting.selection;

/**
 * Why a node does not qualify.
 *
 * @param kind what its kind of objections has in common, to be counted in a summary: {@code "lag > maxLag"}
 * @param text what is wrong with this node: {@code "lag 12.3 s > maxLag 5 s"}
 */
record Objection(String kind, String text) {

    static Objection of(String kind, String detail) {
        return new Objection(kind, kind + ": " + detail);
    }
}
