package io.github.r2dbcrouting.history;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A promise that was broken, with no more operations than it takes: without any one of them, or with more time between them, it would
 * not be.
 *
 * @param guarantee what was promised
 * @param missing the value that a read should have shown
 * @param operations why it should, and last the read that did not
 */
public record Violation(Guarantee guarantee, long missing, List<Operation> operations) {

    /** A read may have shown more values than anybody reads. */
    private static final int PRINTED = 12;

    public Violation {
        operations = List.copyOf(operations);
    }

    /** Returns the nanoseconds from the begin of the first operation to the end of the read. */
    long span() {
        return operations.get(operations.size() - 1).end() - start();
    }

    private long start() {
        return operations.stream().mapToLong(Operation::start).min().orElseThrow();
    }

    /** Returns it in a few lines: what is missing, then the operations, with the milliseconds since the first of them began. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder()
                .append(guarantee)
                .append(": ")
                .append(missing)
                .append(" is missing from key ")
                .append(operations.get(0).key());
        for (Operation operation : operations) {
            text.append("\n  ")
                    .append(time(operation.start()))
                    .append(" .. ")
                    .append(time(operation.end()))
                    .append(" ms  session ")
                    .append(operation.session())
                    .append(' ')
                    .append(what(operation));
            if (!operation.note().isEmpty()) {
                text.append(", ").append(operation.note());
            }
        }
        return text.toString();
    }

    private String what(Operation operation) {
        return switch (operation.kind()) {
            case ADDED ->
                "added " + operation.value()
                        + (operation.told() == operation.end()
                                ? ""
                                : " and was told so at "
                                        + time(operation.told()).strip());
            case MAYBE_ADDED -> "perhaps added " + operation.value();
            case READ -> "read " + shown(operation);
            case READ_LATEST -> "read the latest, " + shown(operation);
        };
    }

    /** The values next to the one that matters. */
    private String shown(Operation operation) {
        long[] seen = operation.seen();
        if (seen == null || seen.length <= PRINTED) {
            return Arrays.toString(seen);
        }
        int place = Arrays.binarySearch(seen, missing);
        int middle = place >= 0 ? place : -place - 1;
        int from = Math.max(0, Math.min(middle - PRINTED / 2, seen.length - PRINTED));
        return Arrays.toString(Arrays.copyOfRange(seen, from, from + PRINTED)) + " and " + (seen.length - PRINTED)
                + " more";
    }

    private String time(long nanos) {
        return nanos == Operation.NEVER
                ? String.format(Locale.ROOT, "%9s", "?")
                : String.format(Locale.ROOT, "%9.3f", (nanos - start()) / 1e6);
    }
}
