package io.github.r2dbcrouting.benchmarks.consistency;

import io.github.r2dbcrouting.benchmarks.answers.Answer;
import io.github.r2dbcrouting.benchmarks.answers.SessionTally;
import io.github.r2dbcrouting.benchmarks.load.StatementCounts;
import io.github.r2dbcrouting.benchmarks.measuring.Meter.Reading;

/**
 * What one answer did in its turn of one round.
 *
 * @param load what the sessions did
 * @param sessions how many at once
 * @param round the round's number, from 0
 * @param answer who it was
 * @param used what passed and what the process used meanwhile
 * @param counted what the servers were asked from just before to just after
 * @param seen what the sessions did and saw
 */
record OffloadTurn(
        String load,
        int sessions,
        int round,
        Answer answer,
        Reading used,
        StatementCounts.Reading counted,
        SessionTally.Sums seen) {

    long reads() {
        return seen.reads().count();
    }

    long writes() {
        return seen.writes().count();
    }

    double operationsPerSecond() {
        return (reads() + writes()) * 1e9 / used.nanos();
    }

    double cpuMicrosPerOperation() {
        return used.cpuNanos() / 1e3 / (reads() + writes());
    }

    /** Returns the statements of the application for each read, the read itself included. */
    double roundTripsPerRead() {
        long forWrites = writes() * (answer == Answer.ASKING ? 2 : 1);
        return (double) (counted.statements() - forWrites) / reads();
    }

    /**
     * Returns how often the primary was asked for its position for each write, beyond what its schedule asks for anyway.
     *
     * @param perSecond what that is, of all monitors together
     */
    double questionsPerWrite(double perSecond) {
        return (counted.probesOfPrimary() - perSecond * counted.nanos() / 1e9) / writes();
    }
}
