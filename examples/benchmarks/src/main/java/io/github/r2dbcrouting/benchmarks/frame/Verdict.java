package io.github.r2dbcrouting.benchmarks.frame;

/** Whether a figure reaches what it has to; from good to bad. */
public enum Verdict {
    /** The whole confidence interval is good enough. */
    MET("met", 0),
    /** The limit lies within the confidence interval, so more or quieter rounds are needed. */
    INCONCLUSIVE("inconclusive", 2),
    /** No part of the confidence interval is good enough. */
    MISSED("missed", 1);

    private final String text;
    private final int exitCode;

    Verdict(String text, int exitCode) {
        this.text = text;
        this.exitCode = exitCode;
    }

    public int exitCode() {
        return exitCode;
    }

    @Override
    public String toString() {
        return text;
    }
}
