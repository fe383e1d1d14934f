package io.github.r2dbcrouting.benchmarks.overhead;

import io.github.r2dbcrouting.benchmarks.measuring.Meter.Reading;

/**
 * What one contender did in its turn of one round.
 *
 * @param cell what was asked of it
 * @param round the round's number, from 0
 * @param contender who it was
 * @param statements how many reads ended
 * @param used what passed and what the process used meanwhile
 */
record OverheadTurn(OverheadCell cell, int round, Contender contender, long statements, Reading used) {

    double statementsPerSecond() {
        return statements * 1e9 / used.nanos();
    }

    double cpuMicrosPerStatement() {
        return used.cpuNanos() / 1e3 / statements;
    }

    double bytesPerStatement() {
        return (double) used.allocatedBytes() / statements;
    }
}
