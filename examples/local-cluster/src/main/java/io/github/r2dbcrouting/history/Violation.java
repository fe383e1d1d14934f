package io.github.r2dbcrouting.history;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A promise that was broken, with no more operations than it takes to see it.
 *
 * @param guarantee what was promised
 * @param missing the value that a read should have shown
 * @param operations why it should, and last the read that did not
 */
public record Violation(Guarantee guarantee, long missing, List<Operation> operations) {

    public Violation {
        operations = List.copyOf(operations);
    }

    /** Returns it in a few lines: what is missing, then the operations. */
    @Override
    public String toString() {
        return guarantee + ": " + missing + " is missing\n"
                + operations.stream().map(operation -> "  " + operation).collect(Collectors.joining("\n"));
    }
}
