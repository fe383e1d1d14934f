package io.github.r2dbcrouting.benchmarks.consistency;

import io.github.r2dbcrouting.benchmarks.answers.Answer;
import io.github.r2dbcrouting.benchmarks.answers.SessionTally;

/**
 * What one answer did in its turn of one round.
 *
 * @param lagMillis by how much the replicas are late, as set
 * @param measuredLagMillis the same as measured without a load
 * @param round the round's number, from 0
 * @param answer who it was
 * @param seen what the sessions did and saw
 */
record ReadAfterWriteTurn(long lagMillis, double measuredLagMillis, int round, Answer answer, SessionTally.Sums seen) {}
