package io.github.r2dbcrouting.position;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.position.MariaDbGtidPosition.Gtid;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a MariaDB primary's branch includes, by the servers that wrote it. */
class GtidLineageTests {

    private static final int SEEDS = 5_000;

    /** Server 1 wrote up to 100 and was seen there; server 2 was promoted at 95 and is at 105 now. */
    private static final Lineage SECOND =
            GtidLineage.of(2, at("0-1-95"), at("0-2-105")).after(GtidLineage.of(1, at(""), at("0-1-100")));

    @ParameterizedTest
    @CsvSource({
        "0-1-95, KEPT",
        "0-1-96, LOST",
        "0-1-100, LOST",
        "0-2-96, KEPT",
        "0-2-105, KEPT",
        "0-2-200, KEPT",
        "0-3-105, LOST",
        "0-3-106, PENDING",
        "0-3-50, UNKNOWN",
        "0-2-90, UNKNOWN",
        "7-1-1, PENDING"
    })
    void shouldTellWhatBecameOfPositionsByWhoWroteThem(String position, Fate fate) {
        assertThat(SECOND.fate(at(position))).isEqualTo(fate);
    }

    @ParameterizedTest
    @CsvSource({
        "0-2-105, 0-1-95, YES", "0-2-105, 0-1-100, NO", "0-2-105, 0-2-105, YES", "0-2-104, 0-2-105, NO",
        "0-1-95, 0-2-96, NO", "0-1-90, 0-1-90, YES", "0-2-105, 0-3-50, UNKNOWN", "0-1-100, 0-2-96, UNKNOWN"
    })
    void shouldNotTakeALostTransactionForCoveredByALaterNumber(String reached, String required, Coverage expected) {
        assertThat(SECOND.covers(at(reached), at(required))).isEqualTo(expected);
    }

    /** Server 1 may have been promoted again meanwhile, as far as a process knows that did not see it at 100. */
    @Test
    void shouldNotCallLostWhatMayYetCome() {
        Lineage fresh = GtidLineage.of(2, at("0-1-95"), at("0-2-97"));

        assertThat(fresh.fate(at("0-1-97"))).isEqualTo(Fate.LOST);
        assertThat(fresh.fate(at("0-1-100"))).isEqualTo(Fate.PENDING);
        assertThat(fresh.reaching(at("0-2-100")).fate(at("0-1-100"))).isEqualTo(Fate.LOST);
        assertThat(SECOND.fate(at("0-1-101"))).isEqualTo(Fate.LOST);
    }

    @Test
    void shouldRememberWhatAServerHasLostWhenItIsPromotedAgain() {
        Lineage third = GtidLineage.of(1, at("0-2-110"), at("0-1-120")).after(SECOND);

        assertThat(third.fate(at("0-1-95"))).isEqualTo(Fate.KEPT);
        assertThat(third.fate(at("0-1-97"))).isEqualTo(Fate.LOST);
        assertThat(third.fate(at("0-2-110"))).isEqualTo(Fate.KEPT);
        assertThat(third.fate(at("0-1-115"))).isEqualTo(Fate.KEPT);
        assertThat(third.fate(at("0-2-111"))).isEqualTo(Fate.LOST);
        assertThat(third).hasToString("domain 0: server 1 to 95, then server 2 to 110, then server 1");
    }

    @Test
    void shouldLookAtEachDomain() {
        Lineage lineage = GtidLineage.of(2, at("0-1-95,1-1-10"), at("0-2-105,1-1-10"));

        assertThat(lineage.fate(at("0-1-90,1-1-10"))).isEqualTo(Fate.KEPT);
        assertThat(lineage.fate(at("0-1-96,1-1-10"))).isEqualTo(Fate.LOST);
        assertThat(lineage.covers(at("0-2-105,1-1-10"), at("0-1-95,1-1-10"))).isEqualTo(Coverage.YES);
        assertThat(lineage.covers(at("0-2-105"), at("0-1-95,1-1-10"))).isEqualTo(Coverage.NO);
    }

    @Test
    void shouldConcludeNothingWhereOthersWriteToo() {
        Lineage ring =
                GtidLineage.of(1, at("0-2-95"), at("0-1-100")).with(GtidLineage.of(1, at("0-2-90"), at("0-1-94")));

        assertThat(ring.fate(at("0-2-92"))).isEqualTo(Fate.PENDING);
        assertThat(ring.covers(at("0-1-100"), at("0-1-90"))).isEqualTo(Coverage.YES);
        assertThat(ring.covers(at("0-1-100"), at("0-2-92"))).isEqualTo(Coverage.UNKNOWN);
    }

    @Test
    void shouldGoOnWithAPrimaryThatBeginsToWrite() {
        Lineage promoted = GtidLineage.of(2, at("0-1-95"), at("0-1-95"));
        Lineage later = GtidLineage.of(2, at("0-1-95"), at("0-2-96")).with(promoted);

        assertThat(later.continues(promoted)).isTrue();
        assertThat(later.covers(at("0-2-96"), at("0-1-95"))).isEqualTo(Coverage.YES);
        assertThat(later.fate(at("0-1-96"))).isEqualTo(Fate.LOST);
    }

    /** A process that watches failovers with losses one after the other says nothing wrong of any transaction. */
    @Test
    void shouldNeverSayWhatIsNotTrueOfManyFailovers() {
        for (long seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            List<Gtid> line = new ArrayList<>(List.of(new Gtid(9, 1), new Gtid(9, 2)));
            List<Gtid> lost = new ArrayList<>();
            Lineage known = Lineage.UNKNOWN;
            long server = 1;
            String trace = "seed " + seed;
            for (int failover = 0; failover < 4; failover++) {
                Gtid last = line.get(line.size() - 1);
                MariaDbGtidPosition fork = of(last);
                for (int i = random.nextInt(6); i > 0; i--) {
                    line.add(new Gtid(server, line.size() + 1));
                }
                MariaDbGtidPosition reached = of(line.get(line.size() - 1));
                known = GtidLineage.of(server, fork, reached).after(known);
                trace += "; " + server + " after " + fork + " to " + reached;
                for (Gtid kept : line) {
                    assertThat(known.fate(of(kept))).as("%s: %s", trace, kept).isEqualTo(Fate.KEPT);
                }
                for (Gtid gone : lost) {
                    // A server that lost its last transactions and is promoted once more gives their numbers anew.
                    boolean anew = gone.serverId() == server && gone.sequence() > last.sequence();
                    if (!anew && !line.contains(gone)) {
                        assertThat(known.fate(of(gone)))
                                .as("%s: %s", trace, gone)
                                .isNotEqualTo(Fate.KEPT);
                        assertThat(known.covers(reached, of(gone)))
                                .as("%s: %s", trace, gone)
                                .isNotEqualTo(Coverage.YES);
                    }
                }
                for (int i = Math.min(line.size() - 2, random.nextInt(3)); i > 0; i--) {
                    lost.add(line.remove(line.size() - 1));
                }
                server = 1 + (server + random.nextInt(2)) % 3;
            }
        }
    }

    private static MariaDbGtidPosition of(Gtid gtid) {
        return new MariaDbGtidPosition(Map.of(0L, gtid));
    }

    private static MariaDbGtidPosition at(String position) {
        return MariaDbGtidPosition.parse(position);
    }
}
