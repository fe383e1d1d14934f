package io.github.r2dbcrouting.benchmarks.scaling;

import io.github.r2dbcrouting.benchmarks.measuring.Meter.Reading;

/**
 * What one number of replicas did in its turn of one round.
 *
 * @param load what was done
 * @param cell on how many replicas
 * @param round the round's number, from 0
 * @param operations how many were done
 * @param used what passed and what the process used meanwhile
 * @param machine the share of its time for which the whole machine was busy meanwhile, 0 to 1
 */
record ScalingTurn(ScalingLoad load, Cell cell, int round, long operations, Reading used, double machine) {

    /**
     * A number of replicas.
     *
     * @param replicas how many
     * @param again whether it is measured a second time, to show what nothing but chance does
     */
    record Cell(int replicas, boolean again) {

        @Override
        public String toString() {
            return replicas + (again ? " again" : "");
        }
    }

    double perSecond() {
        return operations * 1e9 / used.nanos();
    }

    double busyPercent() {
        return 100 * machine;
    }

    double cpuMicrosPerOperation() {
        return used.cpuNanos() / 1e3 / operations;
    }
}
