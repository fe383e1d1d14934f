package io.github.r2dbcrouting.benchmarks.answers;

import io.github.r2dbcrouting.benchmarks.answers.SessionRows.Seen;
import io.github.r2dbcrouting.benchmarks.measuring.Latencies;

/**
 * What sessions did and what they saw. One session at a time may tell it; what several have told is added up.
 */
public final class SessionTally {

    private final Latencies writing = new Latencies();
    private final Latencies reading = new Latencies();
    private final Latencies readingFirst = new Latencies();
    private final Latencies readingFirstOnReplicas = new Latencies();
    private long onReplicas;
    private long stale;
    private long written;
    private boolean isNextFirst;

    /**
     * All that was told.
     *
     * @param writes times of the writes
     * @param reads times of the reads
     * @param firstReads times of those that came next after a write of their session
     * @param firstReadsOnReplicas times of those among them that a replica served
     * @param onReplicas how many reads replicas have served
     * @param stale how many reads have shown an older version than the same session had written before
     */
    public record Sums(
            Latencies.Quantiles writes,
            Latencies.Quantiles reads,
            Latencies.Quantiles firstReads,
            Latencies.Quantiles firstReadsOnReplicas,
            long onReplicas,
            long stale) {

        public double shareOnReplicas() {
            return (double) onReplicas / reads.count();
        }
    }

    void wrote(long version, long nanos) {
        written = version;
        isNextFirst = true;
        writing.add(nanos);
    }

    void read(Seen seen, long nanos) {
        reading.add(nanos);
        if (seen.onReplica()) {
            onReplicas++;
        }
        if (seen.version() < written) {
            stale++;
        }
        if (isNextFirst) {
            isNextFirst = false;
            readingFirst.add(nanos);
            if (seen.onReplica()) {
                readingFirstOnReplicas.add(nanos);
            }
        }
    }

    /** Adds what a session has told that is over. Any thread. */
    public synchronized void add(SessionTally session) {
        writing.add(session.writing);
        reading.add(session.reading);
        readingFirst.add(session.readingFirst);
        readingFirstOnReplicas.add(session.readingFirstOnReplicas);
        onReplicas += session.onReplicas;
        stale += session.stale;
    }

    public synchronized Sums sums() {
        return new Sums(
                writing.quantiles(),
                reading.quantiles(),
                readingFirst.quantiles(),
                readingFirstOnReplicas.quantiles(),
                onReplicas,
                stale);
    }
}
