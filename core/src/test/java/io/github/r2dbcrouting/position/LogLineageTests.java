package io.github.r2dbcrouting.position;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a PostgreSQL primary's branch includes: for examples, and for random trees of timelines of which less or more is known. */
class LogLineageTests {

    private static final int SEEDS = 20_000;

    /** Timeline 1 until 400, 2 until 700, then 3. */
    private static final LogLineage THIRD = LogLineage.of(3, List.of(at(1, 400), at(2, 700)));

    @ParameterizedTest
    @CsvSource({
        "1, 400, KEPT",
        "1, 401, LOST",
        "2, 300, KEPT",
        "2, 700, KEPT",
        "2, 701, LOST",
        "3, 9999, KEPT",
        "4, 1, PENDING"
    })
    void shouldTellWhatBecameOfPositionsByTheHistoryFile(long timeline, long lsn, Fate fate) {
        assertThat(THIRD.fate(at(timeline, lsn))).isEqualTo(fate);
    }

    @ParameterizedTest
    @CsvSource({
        "2, 500, 1, 400, YES",
        "2, 500, 1, 401, NO",
        "2, 390, 1, 400, NO",
        "3, 900, 1, 400, YES",
        "3, 900, 2, 700, YES",
        "3, 900, 2, 701, NO",
        "1, 400, 2, 300, YES",
        "1, 900, 2, 400, YES",
        "1, 900, 2, 401, NO",
        "1, 900, 3, 400, YES",
        "1, 900, 1, 900, YES",
        "4, 900, 3, 800, UNKNOWN",
        "3, 900, 4, 800, UNKNOWN"
    })
    void shouldCompareAcrossTimelines(
            long reachedTimeline, long reached, long requiredTimeline, long required, Coverage expected) {
        assertThat(THIRD.covers(at(reachedTimeline, reached), at(requiredTimeline, required)))
                .isEqualTo(expected);
    }

    /** The server that was promoted tells where it began until its next restart, without any privilege. */
    @ParameterizedTest
    @CsvSource({"1, 400, KEPT", "1, 401, LOST", "2, 5000, KEPT", "3, 1, PENDING"})
    void shouldKnowTheParentOfTheSecondTimelineByItsNumber(long timeline, long lsn, Fate fate) {
        assertThat(LogLineage.of(2).beginning(400).fate(at(timeline, lsn))).isEqualTo(fate);
    }

    @ParameterizedTest
    @CsvSource({"1, 100, UNKNOWN", "2, 700, UNKNOWN", "1, 701, LOST", "2, 701, LOST", "3, 701, KEPT"})
    void shouldNotGuessTheParentOfALaterTimeline(long timeline, long lsn, Fate fate) {
        assertThat(LogLineage.of(3).beginning(700).fate(at(timeline, lsn))).isEqualTo(fate);
    }

    @ParameterizedTest
    @CsvSource({"1, 300, UNKNOWN", "1, 0, KEPT", "2, 300, KEPT"})
    void shouldSayThatItDoesNotKnow(long timeline, long lsn, Fate fate) {
        assertThat(LogLineage.of(2).fate(at(timeline, lsn))).isEqualTo(fate);
    }

    /** It had replayed up to 390 before it was promoted, and was at 450 when it was seen again. */
    @ParameterizedTest
    @CsvSource({"1, 390, KEPT", "1, 391, UNKNOWN", "1, 450, UNKNOWN", "1, 451, LOST"})
    void shouldConcludeBoundsFromAPromotionThatWasWatched(long timeline, long lsn, Fate fate) {
        Lineage risen = LogLineage.of(2).risenFrom(at(1, 390), at(2, 450));

        assertThat(risen.fate(at(timeline, lsn))).isEqualTo(fate);
        assertThat(risen).hasToString("1 to between 0/186 and 0/1C2, then 2");
    }

    @Test
    void shouldKnowOfTheParentsParentsByTheTimelineThatWasWatchedBefore() {
        Lineage second = LogLineage.of(2).beginning(400);
        Lineage third = LogLineage.of(3)
                .beginning(700)
                .risenFrom(at(2, 650), at(3, 710))
                .after(second);

        assertThat(third.fate(at(1, 400))).isEqualTo(Fate.KEPT);
        assertThat(third.fate(at(1, 401))).isEqualTo(Fate.LOST);
        assertThat(third.fate(at(2, 700))).isEqualTo(Fate.KEPT);
        assertThat(third.isComplete()).isTrue();
        assertThat(third).hasToString("1 to 0/190, then 2 to 0/2BC, then 3");
    }

    @Test
    void shouldTellTwoSecondTimelinesApartByTheirForks() {
        Lineage mine = LogLineage.of(2).beginning(400);
        LogPosition other = (LogPosition) LogLineage.of(2).beginning(450).stamped(at(2, 500));

        assertThat(other).hasToString("0/1F4@2(fork 0/1C2)");
        assertThat(mine.fate(other)).isEqualTo(Fate.LOST);
        assertThat(mine.fate(new LogPosition(other.branch(), 420))).isEqualTo(Fate.UNKNOWN);
        assertThat(mine.covers(mine.stamped(at(2, 900)), other)).isEqualTo(Coverage.NO);
        assertThat(mine.isBranchOf(other)).isFalse();
    }

    @Test
    void shouldTellTwoSecondTimelinesWithOneForkApartByTheNodesThatBeganThem() {
        LogLineage vague = LogLineage.of(2).beginning(400);
        Lineage mine = vague.named("a");
        ReplicationPosition other = vague.named("b").stamped(at(2, 500));

        assertThat(mine.fate(at(2, 500))).as("whose it is nobody can tell").isEqualTo(Fate.UNKNOWN);
        assertThat(mine.fate(other)).isEqualTo(Fate.LOST);
        assertThat(mine.fate(mine.stamped(at(2, 500)))).isEqualTo(Fate.KEPT);
        assertThat(mine.covers(at(2, 600), mine.stamped(at(2, 500)))).isEqualTo(Coverage.UNKNOWN);
        assertThat(mine.fate(at(1, 400))).isEqualTo(Fate.KEPT);
    }

    @Test
    void shouldNotWaitForATimelineWhosePrimaryWasLeft() {
        Lineage clone = LogLineage.of(2);
        Lineage back = LogLineage.of(1).after(clone);

        assertThat(LogLineage.of(1).fate(at(2, 500))).isEqualTo(Fate.PENDING);
        assertThat(back.fate(at(2, 500))).isEqualTo(Fate.UNKNOWN);
        assertThat(back.fate(LogLineage.of(2).beginning(400).stamped(at(2, 500))))
                .isEqualTo(Fate.LOST);
    }

    /** Whatever is known, nothing that is said is wrong; and with the history file everything is said. */
    @Test
    void shouldNeverSayWhatIsNotTrueOfATreeOfTimelines() {
        for (long seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            Tree tree = new Tree(random, 1 + random.nextInt(5));
            int primary = random.nextInt(tree.timelines) + 1;
            Lineage lineage = tree.lineage(primary, random);
            LogPosition reached = tree.position(random);
            LogPosition required = tree.position(random);
            String trace = "seed " + seed + ": " + tree + ", known " + lineage + ", " + reached + " of " + required;
            Coverage said = lineage.covers(reached, required);
            boolean includes = tree.includes(reached, required);
            assertThat(said).as(trace).isNotEqualTo(includes ? Coverage.NO : Coverage.YES);
            Fate fate = lineage.fate(required);
            boolean kept = tree.includes(at(primary, Tree.END), required);
            assertThat(fate).as(trace).isNotEqualTo(kept ? Fate.LOST : Fate.KEPT);
            LogLineage whole = tree.historyFile(primary);
            if (tree.isOnPath(primary, (int) required.branch().timeline())) {
                assertThat(whole.fate(required)).as(trace).isEqualTo(kept ? Fate.KEPT : Fate.LOST);
            }
        }
    }

    @Test
    void shouldBeAPartialOrderWhateverIsKnown() {
        for (long seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            Tree tree = new Tree(random, 1 + random.nextInt(5));
            Lineage lineage = tree.lineage(random.nextInt(tree.timelines) + 1, random);
            LogPosition a = tree.position(random);
            LogPosition b = tree.position(random);
            LogPosition c = tree.position(random);
            String trace = "seed " + seed + ": " + tree + ", known " + lineage + ", " + a + ", " + b + ", " + c;
            assertThat(lineage.covers(a, a)).as(trace).isEqualTo(Coverage.YES);
            if (lineage.covers(a, b) == Coverage.YES && lineage.covers(b, c) == Coverage.YES) {
                assertThat(lineage.covers(a, c)).as(trace).isNotEqualTo(Coverage.NO);
            }
            if (lineage.covers(a, b) == Coverage.YES && lineage.fate(a) == Fate.KEPT) {
                assertThat(lineage.fate(b)).as(trace).isNotEqualTo(Fate.LOST);
            }
        }
    }

    private static LogPosition at(long timeline, long lsn) {
        return new LogPosition(Branch.ofTimeline(timeline), lsn);
    }

    /** Timelines, each but the first of which left an older one somewhere. */
    private static final class Tree {

        static final int END = 100;

        final int timelines;
        private final int[] parents;
        private final int[] forks;

        Tree(Random random, int timelines) {
            this.timelines = timelines;
            parents = new int[timelines + 1];
            forks = new int[timelines + 1];
            for (int i = 2; i <= timelines; i++) {
                parents[i] = 1 + random.nextInt(i - 1);
                forks[i] = forks[parents[i]] + random.nextInt(END - forks[parents[i]] + 1) / 2;
            }
        }

        /** Some know the history file, some where the timeline began, some what they watched, and some nothing. */
        Lineage lineage(int primary, Random random) {
            if (primary == 1) {
                return LogLineage.of(1);
            }
            LogLineage lineage = random.nextInt(4) == 0 ? historyFile(primary) : LogLineage.of(primary);
            if (random.nextBoolean()) {
                lineage = lineage.beginning(forks[primary]);
            }
            if (random.nextBoolean()) {
                int parent = parents[primary];
                int replayed = random.nextInt(forks[primary] + 1);
                int seen = forks[primary] + random.nextInt(10);
                Lineage risen = lineage.risenFrom(at(parent, replayed), at(primary, seen));
                return random.nextBoolean() ? risen.after(lineage(parent, random)) : risen;
            }
            return lineage;
        }

        LogLineage historyFile(int primary) {
            List<LogPosition> ends = new ArrayList<>();
            for (int i = primary; i > 1; i = parents[i]) {
                ends.add(0, at(parents[i], forks[i]));
            }
            return LogLineage.of(primary, ends);
        }

        LogPosition position(Random random) {
            int timeline = 1 + random.nextInt(timelines);
            Long fork = timeline > 1 && random.nextBoolean() ? Long.valueOf(forks[timeline]) : null;
            return new LogPosition(new Branch(timeline, fork, null), random.nextInt(END));
        }

        boolean isOnPath(int from, int timeline) {
            return from == timeline || from > 1 && isOnPath(parents[from], timeline);
        }

        boolean includes(LogPosition reached, LogPosition required) {
            return required.lsn() <= reached.lsn()
                    && required.lsn()
                            <= shared((int) reached.branch().timeline(), (int)
                                    required.branch().timeline());
        }

        /** Returns how far the paths of two timelines go together. */
        private long shared(int one, int other) {
            if (one == other) {
                return Long.MAX_VALUE;
            }
            // The younger one has come from elsewhere where the older one is not on its way.
            return one > other
                    ? Math.min(forks[one], shared(parents[one], other))
                    : Math.min(forks[other], shared(one, parents[other]));
        }

        @Override
        public String toString() {
            StringBuilder text = new StringBuilder("1");
            for (int i = 2; i <= timelines; i++) {
                text.append(", ")
                        .append(i)
                        .append(" of ")
                        .append(parents[i])
                        .append(" at ")
                        .append(forks[i]);
            }
            return text.toString();
        }
    }
}
