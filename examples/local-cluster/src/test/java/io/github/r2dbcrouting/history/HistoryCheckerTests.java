package io.github.r2dbcrouting.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Histories that break each promise, and those that break none. */
class HistoryCheckerTests {

    private static final Set<Guarantee> ALL = EnumSet.allOf(Guarantee.class);

    private final List<Operation> history = new ArrayList<>();
    private final List<Operation> last = new ArrayList<>();
    private long now;

    @Test
    void shouldFindAWriteThatItsSessionDoesNotSee() {
        Operation write = added(1, 7, 100);
        read(1, 7, 100);
        Operation stale = read(1, 7);

        assertThat(violations(Guarantee.READ_YOUR_WRITES))
                .containsExactly(new Violation(Guarantee.READ_YOUR_WRITES, 100, List.of(write, stale)));
    }

    @Test
    void shouldNotExpectToSeeWhatAnotherSessionWrote() {
        added(1, 7, 100);
        read(2, 7);
        added(1, 8, 101);
        read(1, 7, 100);

        assertThat(violations()).isEmpty();
    }

    @Test
    void shouldNotExpectToSeeWhatIsNotKnownToBeWritten() {
        history.add(Operation.maybeAdded(1, 7, 100, ++now, ++now, ""));
        read(1, 7);

        assertThat(violations()).isEmpty();
    }

    @Test
    void shouldFindAReadThatGoesBack() {
        added(1, 7, 100);
        Operation later = read(2, 7, 100);
        Operation backward = read(2, 7);

        assertThat(violations())
                .containsExactly(new Violation(Guarantee.MONOTONIC_READS, 100, List.of(later, backward)));
    }

    @Test
    void shouldFindAWriteThatIsSeenBeforeAnEarlierOneOfItsSession() {
        Operation earlier = added(1, 7, 100);
        Operation later = added(1, 7, 101);
        Operation read = read(2, 7, 101);

        assertThat(violations())
                .containsExactly(new Violation(Guarantee.MONOTONIC_WRITES, 100, List.of(earlier, later, read)));
    }

    @Test
    void shouldFindAWriteThatIsSeenWithoutWhatItsSessionHadRead() {
        added(1, 7, 100);
        Operation basis = read(2, 7, 100);
        Operation answer = added(2, 7, 101);
        Operation read = read(3, 7, 101);

        assertThat(violations())
                .containsExactly(new Violation(Guarantee.WRITES_FOLLOW_READS, 100, List.of(basis, answer, read)));
    }

    @Test
    void shouldFindAnAcknowledgedWriteThatIsGoneInTheEnd() {
        Operation write = added(1, 7, 100);
        Operation end = Operation.read(0, 7, new long[0], ++now, ++now, "");
        last.add(end);

        assertThat(violations()).containsExactly(new Violation(Guarantee.NOTHING_LOST, 100, List.of(write, end)));
    }

    @Test
    void shouldLookForNothingButWhatWasPromised() {
        added(1, 7, 100);
        read(1, 7);

        assertThat(HistoryChecker.check(history, last, EnumSet.of(Guarantee.MONOTONIC_READS)))
                .isEmpty();
    }

    @Test
    void shouldSayWhatIsMissingAndWhy() {
        added(1, 7, 100);
        read(1, 7);

        assertThat(violations().get(0)).hasToString("""
                READ_YOUR_WRITES: 100 is missing
                  session 1 added 100 to key 7 [1 .. 2] on p
                  session 1 read [] from key 7 [3 .. 4] on r""");
    }

    /** The control of the checker: what one register shows at once is never a violation, and what lags behind soon is one. */
    @Test
    void shouldFindNothingInHistoriesOfOneNodeAndSomethingInThoseOfALateReplica() {
        for (long seed = 0; seed < 300; seed++) {
            assertThat(random(new Random(seed), 0))
                    .as("seed %d, one node", seed)
                    .isEmpty();
        }
        Set<Guarantee> found = EnumSet.noneOf(Guarantee.class);
        for (long seed = 0; seed < 300; seed++) {
            random(new Random(seed), 5).forEach(violation -> found.add(violation.guarantee()));
        }
        assertThat(found).contains(Guarantee.READ_YOUR_WRITES, Guarantee.MONOTONIC_READS);
    }

    /** Sessions that write to one node and read from it as it was up to {@code lag} writes ago. */
    private static List<Violation> random(Random random, int lag) {
        List<Operation> operations = new ArrayList<>();
        List<List<Long>> log = List.of(new ArrayList<>(), new ArrayList<>());
        for (int i = 0; i < 200; i++) {
            int session = random.nextInt(4);
            int key = random.nextInt(2);
            List<Long> values = log.get(key);
            if (random.nextInt(3) == 0) {
                values.add((long) i);
                operations.add(Operation.added(session, key, i, 2L * i, 2L * i + 1, ""));
            } else {
                int behind = lag == 0 ? 0 : random.nextInt(lag);
                Set<Long> shown = new TreeSet<>(values.subList(0, Math.max(0, values.size() - behind)));
                operations.add(Operation.read(
                        session, key, shown.stream().mapToLong(Long::longValue).toArray(), 2L * i, 2L * i + 1, ""));
            }
        }
        return HistoryChecker.check(operations, List.of(), ALL);
    }

    private Operation added(int session, int key, long value) {
        Operation operation = Operation.added(session, key, value, ++now, ++now, "on p");
        history.add(operation);
        return operation;
    }

    private Operation read(int session, int key, long... seen) {
        Operation operation = Operation.read(session, key, seen, ++now, ++now, "on r");
        history.add(operation);
        return operation;
    }

    private List<Violation> violations() {
        return HistoryChecker.check(history, last, ALL);
    }

    private List<Violation> violations(Guarantee guarantee) {
        return HistoryChecker.check(history, last, EnumSet.of(guarantee));
    }
}
