package io.github.r2dbcrouting.position;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a node must have covered: the laws of a semilattice, and what satisfies a bound. */
class PositionBoundTests {

    private static final BranchHistory HISTORY = BranchHistory.unknown();
    private static final int SEEDS = 5_000;

    @Test
    void shouldBeSatisfiedByAnyNodeWhenItIsNone() {
        assertThat(PositionBound.NONE.coveredBy(log(1, 0), HISTORY)).isEqualTo(Coverage.YES);
        assertThat(PositionBound.NONE.isNone()).isTrue();
    }

    @Test
    void shouldBeSatisfiedByNoNodeWhenItIsLost() {
        assertThat(PositionBound.LOST.coveredBy(log(1, Long.MAX_VALUE), HISTORY))
                .isEqualTo(Coverage.UNKNOWN);
        assertThat(PositionBound.LOST.isNone()).isFalse();
    }

    @Test
    void shouldKeepTheFurtherPositionOfABranch() {
        PositionBound bound = PositionBound.of(log(1, 500)).merge(PositionBound.of(log(1, 700)));

        assertThat(bound).isEqualTo(PositionBound.of(log(1, 700)));
        assertThat(bound.coveredBy(log(1, 699), HISTORY)).isEqualTo(Coverage.NO);
        assertThat(bound.coveredBy(log(1, 700), HISTORY)).isEqualTo(Coverage.YES);
    }

    @Test
    void shouldKeepAPositionOfEachOfTwoBranches() {
        PositionBound bound = PositionBound.of(log(1, 500)).merge(PositionBound.of(log(2, 480)));

        assertThat(bound.positions()).containsExactlyInAnyOrder(log(1, 500), log(2, 480));
        assertThat(bound.coveredBy(log(2, 900), HISTORY)).isEqualTo(Coverage.UNKNOWN);
    }

    @Test
    void shouldKeepWhatEachOfTwoServersOfADomainHasWritten() {
        PositionBound bound = PositionBound.of(gtids("0-1-100,1-1-5"))
                .merge(PositionBound.of(gtids("0-2-105,1-1-6")))
                .merge(PositionBound.of(gtids("0-1-90,2-2-1")));

        assertThat(bound.positions()).containsExactlyInAnyOrder(gtids("0-1-100,1-1-6,2-2-1"), gtids("0-2-105"));
        assertThat(bound.merge(PositionBound.of(gtids("0-3-1"))).isLost()).isTrue();
    }

    @Test
    void shouldGiveUpWithMoreBranchesThanItKeeps() {
        PositionBound bound = PositionBound.of(log(1, 500))
                .merge(PositionBound.of(log(2, 480)))
                .merge(PositionBound.of(log(3, 1)));

        assertThat(bound).isEqualTo(PositionBound.LOST);
        assertThat(bound.merge(PositionBound.of(log(1, 1))).isLost()).isTrue();
    }

    @Test
    void shouldNotTakeABranchOfWhichLessIsKnownForEither() {
        LogPosition vague = log(2, 700);
        LogPosition forked = new LogPosition(new Branch(2, 450L, null), 600);

        assertThat(PositionBound.of(vague).merge(PositionBound.of(forked)).positions())
                .containsExactlyInAnyOrder(vague, forked);
    }

    @Test
    void shouldSayWhatItHolds() {
        assertThat(PositionBound.NONE).hasToString("none");
        assertThat(PositionBound.LOST).hasToString("more branches than are kept");
        assertThat(PositionBound.of(log(1, 0x10))).hasToString("0/10@1");
    }

    @Test
    void shouldObeyTheLawsOfASemilattice() {
        for (long seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            PositionBound a = random(random);
            PositionBound b = random(random);
            PositionBound c = random(random);

            assertThat(a.merge(b)).as("commutative, seed %d", seed).isEqualTo(b.merge(a));
            assertThat(a.merge(b)).as("equal hash, seed %d", seed).hasSameHashCodeAs(b.merge(a));
            assertThat(a.merge(b).merge(c)).as("associative, seed %d", seed).isEqualTo(a.merge(b.merge(c)));
            assertThat(a.merge(a)).as("idempotent, seed %d", seed).isEqualTo(a);
            assertThat(a.merge(PositionBound.NONE)).as("neutral, seed %d", seed).isEqualTo(a);
        }
    }

    @Test
    void shouldNeverAskForLessThanEitherPart() {
        for (long seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            PositionBound a = random(random);
            PositionBound b = random(random);
            ReplicationPosition reached = position(random);
            if (a.merge(b).coveredBy(reached, HISTORY) == Coverage.YES) {
                assertThat(a.coveredBy(reached, HISTORY)).as("seed %d", seed).isEqualTo(Coverage.YES);
                assertThat(b.coveredBy(reached, HISTORY)).as("seed %d", seed).isEqualTo(Coverage.YES);
            }
        }
    }

    private static PositionBound random(Random random) {
        PositionBound bound = random.nextInt(50) == 0 ? PositionBound.LOST : PositionBound.NONE;
        for (int i = random.nextInt(4); i > 0; i--) {
            bound = bound.merge(PositionBound.of(position(random)));
        }
        return bound;
    }

    private static ReplicationPosition position(Random random) {
        if (random.nextInt(4) == 0) {
            return MariaDbGtidPosition.parse(
                    "0-" + random.nextInt(2) + "-" + random.nextInt(5) + ",1-1-" + random.nextInt(5));
        }
        Long fork = random.nextInt(3) == 0 ? (long) random.nextInt(2) : null;
        return new LogPosition(new Branch(1 + random.nextInt(2), fork, null), random.nextInt(6));
    }

    private static MariaDbGtidPosition gtids(String text) {
        return MariaDbGtidPosition.parse(text);
    }

    private static LogPosition log(long timeline, long lsn) {
        return new LogPosition(Branch.ofTimeline(timeline), lsn);
    }
}
