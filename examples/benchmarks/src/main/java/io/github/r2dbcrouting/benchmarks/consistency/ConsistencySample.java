package io.github.r2dbcrouting.benchmarks.consistency;

import io.github.r2dbcrouting.history.Guarantee;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What came of sessions at one level.
 *
 * @param level what their reads may observe
 * @param seconds how long it took
 * @param operations how many reads and additions there were
 * @param reads how many of them were reads
 * @param onReplicas how many reads replicas answered
 * @param weakened how many reads may have gone back in time by the library's own account
 * @param failed how many operations failed
 * @param faults how many faults there were meanwhile
 * @param idleFaults which of them never did what they are meant to do
 * @param broken how often each promise was broken that was looked at
 * @param examples a counterexample for each of them
 */
record ConsistencySample(
        String level,
        double seconds,
        long operations,
        long reads,
        long onReplicas,
        long weakened,
        long failed,
        long faults,
        List<String> idleFaults,
        Map<Guarantee, Long> broken,
        List<String> examples) {

    long broken(Set<Guarantee> guarantees) {
        return guarantees.stream()
                .mapToLong(guarantee -> broken.getOrDefault(guarantee, 0L))
                .sum();
    }
}
