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
        history.add(Operation.maybeAdded(1, 7, 100, ++now, Operation.NEVER, ""));
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
    void shouldFindAValueThatSomebodyHasSeenAndThatIsGoneInTheEnd() {
        history.add(Operation.maybeAdded(1, 7, 100, ++now, Operation.NEVER, ""));
        Operation shown = read(2, 7, 100);
        Operation end = Operation.read(0, 7, new long[0], ++now, ++now, "");
        last.add(end);

        assertThat(violations()).containsExactly(new Violation(Guarantee.NOTHING_LOST, 100, List.of(shown, end)));
    }

    @Test
    void shouldFindAReadOfTheLatestThatMissesWhatAnotherSessionHadWritten() {
        Operation write = added(1, 7, 100);
        Operation stale = readLatest(2, 7);

        assertThat(violations()).containsExactly(new Violation(Guarantee.LATEST, 100, List.of(write, stale)));
    }

    @Test
    void shouldFindAReadOfTheLatestThatMissesWhatAnEarlierOneShowed() {
        history.add(Operation.maybeAdded(1, 7, 100, ++now, Operation.NEVER, ""));
        Operation earlier = readLatest(1, 7, 100);
        Operation backward = readLatest(2, 7);

        assertThat(violations()).containsExactly(new Violation(Guarantee.LATEST, 100, List.of(earlier, backward)));
    }

    @Test
    void shouldNotExpectAReadOfTheLatestToShowWhatOnlyReplicasShowYet() {
        history.add(Operation.maybeAdded(1, 7, 100, ++now, Operation.NEVER, ""));
        read(2, 7, 100);
        readLatest(2, 7);

        assertThat(violations()).isEmpty();
    }

    @Test
    void shouldExpectAWriteToBeSeenFromItsFirstSignOn() {
        Operation write = Operation.added(1, 7, 100, 10, 20, 50, "");
        history.add(write);
        history.add(Operation.read(1, 7, new long[0], 19, 60, "began before"));
        Operation stale = Operation.read(1, 7, new long[0], 20, 30, "");
        history.add(stale);

        assertThat(violations()).containsExactly(new Violation(Guarantee.READ_YOUR_WRITES, 100, List.of(write, stale)));
    }

    @Test
    void shouldOrderWritesOfASessionByTheirEnds() {
        history.add(Operation.added(1, 7, 100, 10, 20, 50, ""));
        history.add(Operation.added(1, 7, 101, 30, 40, ""));
        history.add(Operation.read(2, 7, new long[] {101}, 41, 42, ""));

        assertThat(violations()).isEmpty();
    }

    @Test
    void shouldNotExpectAReadToShowWhatOneThatOverlapsShows() {
        history.add(Operation.added(1, 7, 100, 1, 2, ""));
        history.add(Operation.read(2, 7, new long[] {100}, 10, 20, ""));
        history.add(Operation.read(2, 7, new long[0], 19, 30, ""));

        assertThat(violations()).isEmpty();
    }

    /** Replicas replay in one order; the primary may show the later of two writes first, as long as the earlier is not acknowledged. */
    @Test
    void shouldAllowThePrimaryToShowAnAnswerBeforeWhatItAnswersOnlyWhileThatIsNotAcknowledged() {
        history.add(Operation.added(1, 7, 100, 1, 90, ""));
        history.add(Operation.read(2, 7, new long[] {100}, 10, 20, ""));
        history.add(Operation.added(2, 7, 101, 30, 40, ""));
        history.add(Operation.read(3, 7, new long[] {101}, 50, 60, "").byPrimary());
        assertThat(violations()).isEmpty();

        history.set(0, Operation.added(1, 7, 100, 1, 29, ""));
        assertThat(violations()).extracting(Violation::guarantee).containsExactly(Guarantee.WRITES_FOLLOW_READS);
    }

    @Test
    void shouldTellAReadThatGoesBackFromAPrimaryThatDoesNotShowYetWhatAReplicaHasShown() {
        history.add(Operation.added(1, 7, 100, 1, 90, ""));
        history.add(Operation.read(2, 7, new long[] {100}, 10, 20, ""));
        history.add(Operation.read(2, 7, new long[0], 30, 40, "").byPrimary());
        assertThat(violations()).extracting(Violation::guarantee).containsExactly(Guarantee.PRIMARY_KEEPS_UP);

        history.set(0, Operation.added(1, 7, 100, 1, 29, ""));
        assertThat(violations()).extracting(Violation::guarantee).containsExactly(Guarantee.MONOTONIC_READS);
    }

    /** Each operation of a counterexample is needed, and nothing else is. */
    @Test
    void shouldNameNoOperationThatACounterexampleDoesNotNeed() {
        int found = 0;
        for (long seed = 0; seed < 100; seed++) {
            for (Violation violation : random(new Random(seed), 5)) {
                found++;
                List<Operation> needed = violation.operations();
                Set<Guarantee> broken = EnumSet.of(violation.guarantee());
                assertThat(HistoryChecker.check(needed, List.of(), broken))
                        .as("seed %d", seed)
                        .hasSize(1);
                for (Operation one : needed) {
                    List<Operation> rest = new ArrayList<>(needed);
                    rest.remove(one);
                    assertThat(HistoryChecker.check(rest, List.of(), broken))
                            .as("seed %d: %s without %s", seed, violation, one)
                            .isEmpty();
                }
            }
        }
        assertThat(found).isGreaterThan(1_000);
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
                READ_YOUR_WRITES: 100 is missing from key 7
                      0.000 ..     0.000 ms  session 1 added 100, on p
                      0.000 ..     0.000 ms  session 1 read [], on r""");
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

    private Operation readLatest(int session, int key, long... seen) {
        Operation operation = Operation.readLatest(session, key, seen, ++now, ++now, "on p");
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
