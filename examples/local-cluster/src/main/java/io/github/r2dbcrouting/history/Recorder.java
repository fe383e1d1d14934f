package io.github.r2dbcrouting.history;

import io.github.r2dbcrouting.history.Operation.Kind;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Writes down what sessions do, from several threads. */
final class Recorder {

    private static final long[] NONE = {};

    private final Queue<Operation> operations = new ConcurrentLinkedQueue<>();
    private final Queue<String> problems = new ConcurrentLinkedQueue<>();

    void add(Operation operation) {
        operations.add(operation);
    }

    void failed(String what, Throwable error) {
        problems.add(what + ": " + error);
    }

    /**
     * Returns what was done. A session that was told of an addition and did not wait for its acknowledgement can rely on it if it is
     * there in the end: then nothing has gone wrong.
     *
     * @param truth what is there in the end, for all keys
     */
    List<Operation> operations(Map<Integer, long[]> truth) {
        truth.values().forEach(Arrays::sort);
        return operations.stream()
                .map(operation -> operation.kind() == Kind.MAYBE_ADDED
                                && operation.told() != Operation.NEVER
                                && isThere(operation, truth)
                        ? Operation.added(
                                operation.session(),
                                operation.key(),
                                operation.value(),
                                operation.start(),
                                operation.told(),
                                Operation.NEVER,
                                operation.note())
                        : operation)
                .toList();
    }

    private static boolean isThere(Operation addition, Map<Integer, long[]> truth) {
        return Arrays.binarySearch(truth.getOrDefault(addition.key(), NONE), addition.value()) >= 0;
    }

    int size() {
        return operations.size();
    }

    List<String> problems() {
        return List.copyOf(problems);
    }
}
