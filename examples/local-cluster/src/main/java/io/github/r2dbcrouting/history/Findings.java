package io.github.r2dbcrouting.history;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What came of a {@link Workload}: the promises that were broken, each with its shortest counterexample, and what was done. */
public final class Findings {

    private static final int PROBLEMS = 100;

    private final long seed;
    private final Map<Guarantee, Long> counts = new EnumMap<>(Guarantee.class);
    private final Map<Guarantee, Violation> shortest = new EnumMap<>(Guarantee.class);
    private final Map<Operation.Kind, Long> operations = new EnumMap<>(Operation.Kind.class);
    private final Map<String, Long> problems = new TreeMap<>();

    Findings(long seed) {
        this.seed = seed;
    }

    void add(Collection<Operation> done, Collection<Violation> violations, Collection<String> failures) {
        done.forEach(operation -> operations.merge(operation.kind(), 1L, Long::sum));
        for (Violation violation : violations) {
            counts.merge(violation.guarantee(), 1L, Long::sum);
            shortest.merge(
                    violation.guarantee(), violation, (known, other) -> other.span() < known.span() ? other : known);
        }
        for (String failure : failures) {
            if (problems.containsKey(failure) || problems.size() < PROBLEMS) {
                problems.merge(failure, 1L, Long::sum);
            }
        }
    }

    /** Returns how often one of these promises was broken. */
    public long count(Set<Guarantee> guarantees) {
        return guarantees.stream()
                .mapToLong(guarantee -> counts.getOrDefault(guarantee, 0L))
                .sum();
    }

    /** Returns the shortest counterexample for each promise that was broken. */
    public List<Violation> violations() {
        return List.copyOf(shortest.values());
    }

    /** Returns how many operations there were. */
    public long operations() {
        return operations.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Returns how many operations of a kind there were. */
    public long operations(Operation.Kind kind) {
        return operations.getOrDefault(kind, 0L);
    }

    /** Returns why operations failed, and how many for that reason. */
    public Map<String, Long> problems() {
        return Map.copyOf(problems);
    }

    /** Returns all that is worth reading, with the seed that does the same operations again. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("seed " + seed + ": " + operations() + " operations " + operations
                + (counts.isEmpty() ? ", nothing broken" : ", broken " + counts));
        shortest.values().forEach(violation -> text.append('\n').append(violation));
        List<Map.Entry<String, Long>> failed = new ArrayList<>(problems.entrySet());
        failed.sort(Map.Entry.<String, Long>comparingByValue().reversed());
        failed.stream()
                .limit(5)
                .forEach(problem -> text.append("\n")
                        .append(problem.getValue())
                        .append(" failed: ")
                        .append(problem.getKey()));
        return text.toString();
    }
}
