package io.github.r2dbcrouting.history;

import io.github.r2dbcrouting.history.Operation.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the promises that a history breaks. All of them are about one key, so the keys are looked at one by one: a history should
 * spread over many of them, as each costs time in proportion to the product of its reads and its values.
 */
public final class HistoryChecker {

    private final Set<Guarantee> guarantees;
    private final List<Violation> violations = new ArrayList<>();

    private HistoryChecker(Set<Guarantee> guarantees) {
        this.guarantees = guarantees;
    }

    /**
     * Returns the violations of a history, at most one for each read and guarantee.
     *
     * @param operations in any order, but those of each session with its own clock ascending
     * @param last the reads of every key when all was over, on what is the truth then; for {@link Guarantee#NOTHING_LOST}
     */
    public static List<Violation> check(List<Operation> operations, List<Operation> last, Set<Guarantee> guarantees) {
        HistoryChecker checker = new HistoryChecker(guarantees);
        Map<Integer, List<Operation>> keys = new LinkedHashMap<>();
        for (Operation operation : operations) {
            keys.computeIfAbsent(operation.key(), key -> new ArrayList<>()).add(operation);
        }
        Map<Integer, Operation> ends = new HashMap<>();
        last.forEach(read -> ends.put(read.key(), read));
        keys.forEach((key, ofKey) -> checker.checkKey(ofKey, ends.get(key)));
        return checker.violations;
    }

    private void checkKey(List<Operation> operations, @Nullable Operation last) {
        Map<Integer, List<Operation>> sessions = new LinkedHashMap<>();
        List<Operation> reads = new ArrayList<>();
        List<Operation> additions = new ArrayList<>();
        operations.stream().sorted(Comparator.comparingLong(Operation::start)).forEach(operation -> {
            sessions.computeIfAbsent(operation.session(), session -> new ArrayList<>())
                    .add(operation);
            (operation.kind() == Kind.READ ? reads : additions).add(operation);
        });
        sessions.values().forEach(this::checkSession);
        checkOrder(sessions, reads);
        if (last != null && guarantees.contains(Guarantee.NOTHING_LOST)) {
            checkLost(additions, last);
        }
    }

    /** What a session reads, against what it wrote and read before. */
    private void checkSession(List<Operation> session) {
        List<Operation> written = new ArrayList<>();
        Operation earlier = null;
        for (Operation operation : session) {
            if (operation.kind() == Kind.ADDED) {
                written.add(operation);
            } else if (operation.kind() == Kind.READ) {
                checkWritten(written, operation);
                checkMonotonic(earlier, operation);
                earlier = operation;
            }
        }
    }

    private void checkWritten(List<Operation> written, Operation read) {
        for (Operation addition : written) {
            if (!read.shows(addition.value())) {
                report(Guarantee.READ_YOUR_WRITES, addition.value(), addition, read);
                return;
            }
        }
    }

    private void checkMonotonic(@Nullable Operation earlier, Operation read) {
        if (earlier != null) {
            long missing = missing(earlier, read);
            if (missing >= 0) {
                report(Guarantee.MONOTONIC_READS, missing, earlier, read);
            }
        }
    }

    /** Returns a value that one read shows and another does not, -1 for none. */
    private static long missing(Operation shown, Operation read) {
        long[] values = shown.seen();
        if (values != null) {
            for (long value : values) {
                if (!read.shows(value)) {
                    return value;
                }
            }
        }
        return -1;
    }

    /** What any read shows, against what came before that in the session which wrote it. */
    private void checkOrder(Map<Integer, List<Operation>> sessions, List<Operation> reads) {
        Map<Long, Before> before = new HashMap<>();
        for (List<Operation> session : sessions.values()) {
            Operation addition = null;
            Operation read = null;
            for (Operation operation : session) {
                if (operation.kind() == Kind.READ) {
                    read = operation;
                } else {
                    before.put(operation.value(), new Before(operation, addition, read));
                    addition = operation.kind() == Kind.ADDED ? operation : addition;
                }
            }
        }
        for (Operation read : reads) {
            checkShown(read, before);
        }
    }

    private void checkShown(Operation read, Map<Long, Before> before) {
        long[] values = read.seen();
        if (values == null) {
            return;
        }
        boolean ordered = true;
        boolean followed = true;
        for (long value : values) {
            Before known = before.get(value);
            if (known == null) {
                continue;
            }
            Operation previous = known.addition();
            if (ordered && previous != null && !read.shows(previous.value())) {
                report(Guarantee.MONOTONIC_WRITES, previous.value(), previous, known.shown(), read);
                ordered = false;
            }
            Operation basis = known.read();
            if (followed && basis != null) {
                long missing = missing(basis, read);
                if (missing >= 0) {
                    report(Guarantee.WRITES_FOLLOW_READS, missing, basis, known.shown(), read);
                    followed = false;
                }
            }
        }
    }

    private void checkLost(List<Operation> additions, Operation last) {
        for (Operation addition : additions) {
            if (addition.kind() == Kind.ADDED && !last.shows(addition.value())) {
                report(Guarantee.NOTHING_LOST, addition.value(), addition, last);
            }
        }
    }

    private void report(Guarantee guarantee, long missing, Operation... operations) {
        if (guarantees.contains(guarantee)) {
            violations.add(new Violation(guarantee, missing, List.of(operations)));
        }
    }

    /**
     * What a session had done to a key just before it added a value.
     *
     * @param shown the addition of that value
     * @param addition its last acknowledged addition before, whose own predecessors count through it
     * @param read its last read before
     */
    private record Before(
            Operation shown,
            @Nullable Operation addition,
            @Nullable Operation read) {}
}
