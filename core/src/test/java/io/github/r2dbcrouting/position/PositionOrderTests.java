package io.github.r2dbcrouting.position;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.position.MariaDbGtidPosition.Gtid;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The order of positions and its upper bounds: what they are for examples, and the laws that hold for all. */
class PositionOrderTests {

    private static final BranchHistory HISTORY = BranchHistory.unknown();
    private static final int SEEDS = 5_000;

    @ParameterizedTest
    @CsvSource({
        "1, 500, 1, 500, YES",
        "1, 501, 1, 500, YES",
        "1, 499, 1, 500, NO",
        "1, -1,  1, 500, YES",
        "1, 500, 1, -1,  NO",
        "2, 900, 1, 500, UNKNOWN",
        "1, 900, 2, 500, UNKNOWN"
    })
    void shouldCompareLogPositionsOnOneBranchOnly(
            long reachedTimeline, long reached, long requiredTimeline, long required, Coverage expected) {
        assertThat(HISTORY.covers(
                        new LogPosition(Branch.ofTimeline(reachedTimeline), reached),
                        new LogPosition(Branch.ofTimeline(requiredTimeline), required)))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0-1-100         | 0-1-100       | YES",
                "0-1-101,1-1-1   | 0-1-100       | YES",
                "0-1-99          | 0-1-100       | NO",
                "0-1-100         | 0-1-100,1-1-1 | NO",
                "0-1-100         | ''            | YES",
                "''              | 0-1-1         | NO",
                "0-1-18446744073709551615 | 0-1-5 | YES"
            })
    void shouldCompareGtidPositionsDomainByDomain(String reached, String required, Coverage expected) {
        assertThat(HISTORY.covers(MariaDbGtidPosition.parse(reached), MariaDbGtidPosition.parse(required)))
                .isEqualTo(expected);
    }

    @Test
    void shouldNotComparePositionsOfDifferentDatabases() {
        LogPosition log = new LogPosition(Branch.ofTimeline(1), 5);
        MariaDbGtidPosition gtids = MariaDbGtidPosition.parse("0-1-100");
        assertThat(HISTORY.covers(log, gtids)).isEqualTo(Coverage.UNKNOWN);
        assertThat(HISTORY.covers(gtids, log)).isEqualTo(Coverage.UNKNOWN);
        assertThat(log.merge(gtids)).isNull();
    }

    @Test
    void shouldMergeLogPositionsOnOneBranchToTheFurther() {
        LogPosition near = new LogPosition(new Branch(2, 400L, null), 500);
        LogPosition far = new LogPosition(new Branch(2, null, "r1"), -1);
        assertThat(near.merge(far)).isEqualTo(new LogPosition(new Branch(2, 400L, "r1"), -1));
        assertThat(near.merge(new LogPosition(Branch.ofTimeline(3), 500))).isNull();
        assertThat(near.merge(new LogPosition(new Branch(2, 401L, null), 500))).isNull();
    }

    @Test
    void shouldMergeInAnyOrderAndGrouping() {
        for (long seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            ReplicationPosition a = any(random);
            ReplicationPosition b = any(random);
            ReplicationPosition c = any(random);
            String trace = "seed " + seed + ": " + a + ", " + b + ", " + c;
            assertThat(a.merge(a)).as(trace).isEqualTo(a);
            assertThat(a.merge(b)).as(trace).isEqualTo(b.merge(a));
            assertThat(merge(merge(a, b), c)).as(trace).isEqualTo(merge(a, merge(b, c)));
        }
    }

    @Test
    void shouldMergeToTheLeastPositionThatCoversBoth() {
        for (long seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            ReplicationPosition a = any(random);
            ReplicationPosition b = any(random);
            ReplicationPosition c = any(random);
            ReplicationPosition merged = a.merge(b);
            String trace = "seed " + seed + ": " + a + ", " + b + " below " + c;
            if (merged != null) {
                assertThat(HISTORY.covers(merged, a)).as(trace).isEqualTo(Coverage.YES);
                assertThat(HISTORY.covers(merged, b)).as(trace).isEqualTo(Coverage.YES);
                boolean above = HISTORY.covers(c, a) == Coverage.YES && HISTORY.covers(c, b) == Coverage.YES;
                if (above && merged.merge(c) != null) {
                    assertThat(HISTORY.covers(c, merged)).as(trace).isEqualTo(Coverage.YES);
                }
            }
        }
    }

    @Test
    void shouldMergeMonotonically() {
        for (long seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            ReplicationPosition low = any(random);
            ReplicationPosition high = merge(low, any(random));
            ReplicationPosition other = any(random);
            ReplicationPosition bound = merge(high, other);
            if (bound != null) {
                assertThat(HISTORY.covers(bound, low.merge(other)))
                        .as("seed %d: %s below %s, with %s", seed, low, high, other)
                        .isEqualTo(Coverage.YES);
            }
        }
    }

    @Test
    void shouldOrderPositionsPartiallyOnOneBranch() {
        for (long seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            ReplicationPosition a = gtids(random);
            ReplicationPosition b = gtids(random);
            ReplicationPosition c = gtids(random);
            String trace = "seed " + seed + ": " + a + ", " + b + ", " + c;
            assertThat(HISTORY.covers(a, a)).as(trace).isEqualTo(Coverage.YES);
            if (HISTORY.covers(a, b) == Coverage.YES && HISTORY.covers(b, c) == Coverage.YES) {
                assertThat(HISTORY.covers(a, c)).as(trace).isEqualTo(Coverage.YES);
            }
        }
    }

    private static ReplicationPosition merge(ReplicationPosition a, ReplicationPosition b) {
        return a == null || b == null ? null : a.merge(b);
    }

    private static ReplicationPosition any(Random random) {
        return random.nextInt(5) > 1 ? log(random) : gtids(random);
    }

    private static LogPosition log(Random random) {
        Branch branch = new Branch(
                1 + random.nextInt(2),
                random.nextInt(3) > 0 ? null : Long.valueOf(random.nextInt(2)),
                random.nextInt(3) > 0 ? null : "r" + random.nextInt(2));
        return new LogPosition(branch, random.nextInt(4) == 0 ? -1L - random.nextInt(3) : random.nextInt(5));
    }

    private static MariaDbGtidPosition gtids(Random random) {
        Map<Long, Gtid> domains = new HashMap<>();
        for (long domain = 0; domain < 3; domain++) {
            if (random.nextBoolean()) {
                domains.put(domain, new Gtid(1 + random.nextInt(2), 1 + random.nextInt(4)));
            }
        }
        return new MariaDbGtidPosition(domains);
    }
}
