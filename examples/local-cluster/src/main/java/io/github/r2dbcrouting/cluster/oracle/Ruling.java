package io.github.r2dbcrouting.cluster.oracle;

/**
 * What servers say to a text.
 *
 * @param verdict in a word
 * @param detail the server's own words, or what the text left behind
 */
public record Ruling(Verdict verdict, String detail) {

    static final Ruling RUNS = new Ruling(Verdict.RUNS, "");

    /** From what speaks for a read to what speaks against it. */
    public enum Verdict {
        /** It runs read-only, and leaves and takes nothing that can be seen. */
        RUNS,
        /** It runs read-only, but the session is another afterwards. */
        RUNS_WITH_EFFECT,
        /** It fails, not because it runs read-only. */
        FAILS,
        /** It is refused because it runs read-only. */
        REFUSED
    }

    /** Returns the one that says more against a read. */
    Ruling orWorse(Ruling other) {
        return other.verdict.compareTo(verdict) > 0 ? other : this;
    }

    @Override
    public String toString() {
        return detail.isEmpty() ? verdict.toString() : verdict + ": " + detail;
    }
}
