package io.github.r2dbcrouting.history;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds the promises that a history breaks. All of them are about one key, so the keys are looked at one by one: a history should
 * spread over many of them, as each costs time in proportion to the square of its operations.
 */
public final class HistoryChecker {

    private HistoryChecker() {}

    /**
     * Returns the violations of a history, at most one for each read and guarantee.
     *
     * @param operations in any order
     * @param last the reads of every key when all was over, on what is the truth then; for {@link Guarantee#NOTHING_LOST}
     */
    public static List<Violation> check(List<Operation> operations, List<Operation> last, Set<Guarantee> guarantees) {
        Map<Integer, List<Operation>> keys = new LinkedHashMap<>();
        for (Operation operation : operations) {
            keys.computeIfAbsent(operation.key(), key -> new ArrayList<>()).add(operation);
        }
        Map<Integer, Operation> ends = new HashMap<>();
        last.forEach(read -> ends.put(read.key(), read));
        List<Violation> violations = new ArrayList<>();
        keys.forEach((key, ofKey) -> violations.addAll(new KeyHistory(ofKey, ends.get(key), guarantees).check()));
        return violations;
    }
}
