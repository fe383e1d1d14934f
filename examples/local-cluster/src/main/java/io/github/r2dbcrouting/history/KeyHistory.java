package io.github.r2dbcrouting.history;

import io.github.r2dbcrouting.history.Operation.Kind;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What was done to one key. Its values are numbered, so that what a read must show and what it shows are sets of bits; only where one
 * lacks something of the other the operations are searched that prove it.
 */
final class KeyHistory {

    private final Set<Guarantee> guarantees;
    private final @Nullable Operation last;
    private final Map<Long, Integer> numbers = new HashMap<>();
    private final List<Step> steps = new ArrayList<>();
    private final Map<Integer, List<Step>> sessions = new LinkedHashMap<>();
    private final List<Addition> additions = new ArrayList<>();
    private final List<Violation> violations = new ArrayList<>();

    /**
     * One operation.
     *
     * @param values the value that was added, or those that were read
     */
    private record Step(Operation operation, BitSet values) {

        boolean isAcknowledgedBy(long moment) {
            return operation.kind() == Kind.ADDED && operation.end() <= moment;
        }

        boolean isToldBy(long moment) {
            return operation.kind() == Kind.ADDED && operation.told() <= moment;
        }

        boolean isReadBy(long moment) {
            return operation.isRead() && operation.end() <= moment;
        }
    }

    /**
     * A value that was or may have been added.
     *
     * @param step the addition
     * @param session all that its session did
     * @param added the values that had been acknowledged to that before
     * @param read the values that it had read before
     */
    private record Addition(Step step, List<Step> session, BitSet added, BitSet read) {}

    KeyHistory(List<Operation> operations, @Nullable Operation last, Set<Guarantee> guarantees) {
        this.guarantees = guarantees;
        this.last = last;
        operations.stream().sorted(Comparator.comparingLong(Operation::start)).forEach(operation -> {
            Step step = new Step(operation, values(operation));
            steps.add(step);
            sessions.computeIfAbsent(operation.session(), session -> new ArrayList<>())
                    .add(step);
        });
    }

    private BitSet values(Operation operation) {
        BitSet values = new BitSet();
        long[] seen = operation.seen();
        if (seen == null) {
            values.set(number(operation.value()));
        } else {
            for (long value : seen) {
                values.set(number(value));
            }
        }
        return values;
    }

    private int number(long value) {
        return numbers.computeIfAbsent(value, unknown -> numbers.size());
    }

    List<Violation> check() {
        sessions.values().forEach(session -> session.forEach(step -> checkOwn(step, session)));
        for (Step step : steps) {
            if (step.operation().isRead()) {
                checkOrder(step);
            }
            if (step.operation().kind() == Kind.READ_LATEST) {
                checkLatest(step);
            }
        }
        checkLost();
        return violations;
    }

    /** What a session reads, against what it wrote and read before. */
    private void checkOwn(Step step, List<Step> session) {
        Operation operation = step.operation();
        long start = operation.start();
        BitSet read = union(session, earlier -> earlier.isReadBy(start));
        if (operation.isRead()) {
            BitSet told = union(session, earlier -> earlier.isToldBy(start));
            check(Guarantee.READ_YOUR_WRITES, step, told, session, earlier -> earlier.isToldBy(start), null);
            // Who asks for the latest is shown what the primary shows, which may be less than a replica has shown.
            if (operation.kind() == Kind.READ) {
                Predicate<Step> earlier = one -> one.isReadBy(start);
                BitSet due = operation.onPrimary() ? shownByPrimary(read, start) : read;
                if (check(Guarantee.MONOTONIC_READS, step, due, session, earlier, null)) {
                    check(Guarantee.PRIMARY_KEEPS_UP, step, read, session, earlier, null);
                }
            }
        } else {
            BitSet added = union(session, earlier -> earlier.isAcknowledgedBy(start));
            additions.add(new Addition(step, session, added, read));
        }
    }

    /** What any read shows, against what came before that in the session which wrote it. */
    private void checkOrder(Step read) {
        boolean ordered = true;
        boolean followed = true;
        for (Addition addition : additions) {
            if (!read.values().intersects(addition.step().values())) {
                continue;
            }
            Operation shown = addition.step().operation();
            long start = shown.start();
            ordered = ordered
                    && check(
                            Guarantee.MONOTONIC_WRITES,
                            read,
                            addition.added(),
                            addition.session(),
                            earlier -> earlier.isAcknowledgedBy(start),
                            shown);
            followed = followed
                    && check(
                            Guarantee.WRITES_FOLLOW_READS,
                            read,
                            read.operation().onPrimary() ? shownByPrimary(addition.read(), start) : addition.read(),
                            addition.session(),
                            earlier -> earlier.isReadBy(start),
                            shown);
        }
    }

    /** Of what a session had read, what the primary had shown by then: this it goes on to show. */
    private BitSet shownByPrimary(BitSet read, long moment) {
        BitSet values = union(
                steps, step -> step.isAcknowledgedBy(moment) || step.operation().onPrimary() && step.isReadBy(moment));
        values.and(read);
        return values;
    }

    private void checkLatest(Step read) {
        long start = read.operation().start();
        Predicate<Step> known = earlier -> earlier.isAcknowledgedBy(start)
                || earlier.operation().kind() == Kind.READ_LATEST && earlier.isReadBy(start);
        check(Guarantee.LATEST, read, union(steps, known), steps, known, null);
    }

    private void checkLost() {
        if (last == null) {
            return;
        }
        Step end = new Step(last, values(last));
        for (Step step : steps) {
            if (step.operation().kind() != Kind.MAYBE_ADDED) {
                check(Guarantee.NOTHING_LOST, end, step.values(), List.of(step), anything -> true, null);
            }
        }
    }

    private static BitSet union(List<Step> steps, Predicate<Step> wanted) {
        BitSet union = new BitSet();
        for (Step step : steps) {
            if (wanted.test(step)) {
                union.or(step.values());
            }
        }
        return union;
    }

    /**
     * Checks that a read shows what it must, and reports the latest operation that proves that it should.
     *
     * @param due what it must show
     * @param among where the proof is found
     * @param proves what may be one
     * @param shown the addition that the read does show though it should not without the other; {@code null} if it is not about that
     * @return whether it does
     */
    private boolean check(
            Guarantee guarantee,
            Step read,
            BitSet due,
            List<Step> among,
            Predicate<Step> proves,
            @Nullable Operation shown) {
        BitSet missing = (BitSet) due.clone();
        missing.andNot(read.values());
        if (missing.isEmpty() || !guarantees.contains(guarantee)) {
            return missing.isEmpty();
        }
        Step proof = among.stream()
                .filter(step -> proves.test(step) && step.values().intersects(missing))
                .max(Comparator.comparingLong(step -> step.operation().told()))
                .orElseThrow();
        missing.and(proof.values());
        int number = missing.nextSetBit(0);
        long value = numbers.entrySet().stream()
                .filter(entry -> entry.getValue() == number)
                .mapToLong(Map.Entry::getKey)
                .findFirst()
                .orElseThrow();
        violations.add(new Violation(
                guarantee,
                value,
                shown == null
                        ? List.of(proof.operation(), read.operation())
                        : List.of(proof.operation(), shown, read.operation())));
        return false;
    }
}
