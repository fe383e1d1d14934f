package io.github.r2dbcrouting.position;

import io.github.r2dbcrouting.position.MariaDbGtidPosition.Gtid;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Who wrote what of the history of a MariaDB primary: in each domain the servers that took writes one after the other, each with
 * the numbers that it gave. A primary's {@code gtid_slave_pos} tells where its own writes began, since they are not in it.
 *
 * @param domains the line of each domain
 */
public record GtidLineage(Map<Long, Line> domains) implements Lineage {

    /** Of more tenures the oldest are forgotten. */
    private static final int MOST = 16;

    public GtidLineage {
        domains = Map.copyOf(domains);
    }

    /**
     * One domain.
     *
     * @param tenures who wrote, the first that is known first; what came before that one counts as its own, too
     * @param foreign whether others than the primaries write to it, so that nothing is concluded
     */
    public record Line(List<Tenure> tenures, boolean foreign) {

        public Line {
            tenures = List.copyOf(tenures);
        }

        private Tenure last() {
            return tenures.get(tenures.size() - 1);
        }

        private Fate fate(Gtid gtid) {
            if (foreign) {
                return Fate.PENDING;
            }
            long sequence = gtid.sequence();
            boolean lost = false;
            for (int i = 0; i < tenures.size(); i++) {
                Tenure tenure = tenures.get(i);
                boolean own = tenure.server == gtid.serverId();
                if (own && tenure.includes(sequence)) {
                    return Fate.KEPT;
                }
                // Either it wrote more than was kept, or the number was given by another one. Who gave those of the
                // first
                // tenure is known of its end only.
                boolean over = tenure.upTo != -1 || !isBefore(tenure.seen, sequence);
                lost |= own ? tenure.hasGiven(sequence) : i > 0 && tenure.includes(sequence) && over;
            }
            if (lost) {
                return Fate.LOST;
            }
            return isBefore(last().seen, sequence) ? Fate.PENDING : Fate.UNKNOWN;
        }

        /** Nothing is taken away: what was lost is told by it. */
        private Line ending(long sequence, Tenure next) {
            List<Tenure> ended = new ArrayList<>();
            for (Tenure tenure : tenures) {
                long end = isBefore(tenure.upTo, sequence) ? tenure.upTo : sequence;
                ended.add(tenure.upTo(isBefore(end, tenure.after) ? tenure.after : end));
            }
            ended.add(next);
            return new Line(ended.size() > MOST ? ended.subList(1, ended.size()) : ended, foreign);
        }

        private Line reaching(Gtid gtid) {
            Tenure last = last();
            if (!isBefore(last.seen, gtid.sequence())) {
                return this;
            }
            List<Tenure> next = new ArrayList<>(tenures);
            next.set(next.size() - 1, last.seen(gtid.sequence()));
            return new Line(next, foreign || gtid.serverId() != last.server);
        }
    }

    /**
     * The writes of one server while it was the primary, unsigned.
     *
     * @param server its id
     * @param after the number of the last write before, of another server
     * @param upTo the last number that belongs to the branch; -1 for the present primary, who goes on
     * @param seen the greatest number that it was seen to have given, which may lie beyond {@code upTo}
     */
    public record Tenure(long server, long after, long upTo, long seen) {

        @Override
        public String toString() {
            return "server " + server + (upTo == -1 ? "" : " to " + Long.toUnsignedString(upTo));
        }

        private boolean includes(long sequence) {
            return isBefore(after, sequence) && !isBefore(upTo, sequence);
        }

        private boolean hasGiven(long sequence) {
            return isBefore(after, sequence) && !isBefore(seen, sequence);
        }

        private Tenure upTo(long end) {
            return new Tenure(server, after, end, seen);
        }

        private Tenure seen(long sequence) {
            return new Tenure(server, after, upTo, sequence);
        }
    }

    /**
     * Returns the branch of a primary.
     *
     * @param server its id
     * @param fork what it has replayed of others: its own writes come after
     * @param reached what it has logged
     */
    public static GtidLineage of(long server, MariaDbGtidPosition fork, MariaDbGtidPosition reached) {
        Map<Long, Line> lines = new HashMap<>();
        reached.domains()
                .forEach((domain, gtid) -> lines.put(
                        domain, line(server, fork.domains().get(domain)).reaching(gtid)));
        fork.domains().forEach((domain, gtid) -> lines.putIfAbsent(domain, line(server, gtid)));
        return new GtidLineage(lines);
    }

    private static Line line(long server, @Nullable Gtid fork) {
        long after = fork == null ? 0 : fork.sequence();
        Tenure own = new Tenure(server, after, -1, after);
        return fork == null
                ? new Line(List.of(own), false)
                : new Line(List.of(new Tenure(fork.serverId(), 0, after, after), own), false);
    }

    @Override
    public Fate fate(ReplicationPosition position) {
        if (!(position instanceof MariaDbGtidPosition gtids)) {
            return Fate.PENDING;
        }
        Fate fate = Fate.KEPT;
        for (Map.Entry<Long, Gtid> domain : gtids.domains().entrySet()) {
            Fate one = fate(domain.getKey(), domain.getValue());
            if (one == Fate.LOST) {
                return one;
            }
            // Whatever may still be to come keeps all of it waiting.
            fate = one == Fate.KEPT || fate == Fate.PENDING ? fate : one;
        }
        return fate;
    }

    private Fate fate(long domain, Gtid gtid) {
        Line line = domains.get(domain);
        return line == null ? Fate.PENDING : line.fate(gtid);
    }

    @Override
    public Coverage covers(ReplicationPosition reached, ReplicationPosition required) {
        if (!(reached instanceof MariaDbGtidPosition r && required instanceof MariaDbGtidPosition q)) {
            return Coverage.UNKNOWN;
        }
        Coverage coverage = Coverage.YES;
        for (Map.Entry<Long, Gtid> domain : q.domains().entrySet()) {
            Coverage one = covers(domain.getKey(), r.domains().get(domain.getKey()), domain.getValue());
            if (one == Coverage.NO) {
                return one;
            }
            coverage = one == Coverage.YES ? coverage : one;
        }
        return coverage;
    }

    private Coverage covers(long domain, @Nullable Gtid reached, Gtid required) {
        if (reached == null || isBefore(reached.sequence(), required.sequence())) {
            return Coverage.NO;
        }
        if (reached.equals(required)) {
            return Coverage.YES;
        }
        Fate fate = fate(domain, required);
        boolean kept = fate(domain, reached) == Fate.KEPT;
        if (fate == Fate.LOST && kept) {
            return Coverage.NO;
        }
        boolean one = reached.serverId() == required.serverId() && fate != Fate.LOST;
        return one || kept && fate == Fate.KEPT ? Coverage.YES : Coverage.UNKNOWN;
    }

    @Override
    public boolean isBranchOf(ReplicationPosition position) {
        return fate(position) != Fate.LOST;
    }

    @Override
    public boolean continues(Lineage earlier) {
        return true;
    }

    /** A primary whose {@code gtid_slave_pos} moves receives from others, too: nothing is concluded where it does. */
    @Override
    public GtidLineage with(Lineage earlier) {
        if (!(earlier instanceof GtidLineage that)) {
            return this;
        }
        Map<Long, Line> lines = new HashMap<>(that.domains);
        domains.forEach((domain, line) -> lines.merge(domain, line, GtidLineage::united));
        return new GtidLineage(lines);
    }

    private static Line united(Line earlier, Line present) {
        Tenure was = earlier.last();
        Tenure is = present.last();
        boolean same = was.server == is.server && (was.after == is.after || present.tenures.size() == 1);
        Line line = same ? earlier : present;
        return new Line(line.tenures, !same || earlier.foreign || present.foreign)
                .reaching(new Gtid(line.last().server, is.seen));
    }

    @Override
    public GtidLineage after(Lineage previous) {
        if (!(previous instanceof GtidLineage that)) {
            return this;
        }
        Map<Long, Line> lines = new HashMap<>(domains);
        that.domains.forEach((domain, line) -> lines.computeIfPresent(domain, (same, own) -> after(line, own)));
        return new GtidLineage(lines);
    }

    /** What led to the fork is known from the primary before, if the fork lies on its branch. */
    private static Line after(Line previous, Line own) {
        Tenure first = own.tenures.get(0);
        if (own.tenures.size() != 2 || previous.fate(new Gtid(first.server, first.upTo)) != Fate.KEPT) {
            return own;
        }
        Line line = previous.ending(first.upTo, own.last());
        return new Line(line.tenures, line.foreign || own.foreign);
    }

    @Override
    public GtidLineage reaching(ReplicationPosition position) {
        if (!(position instanceof MariaDbGtidPosition gtids)) {
            return this;
        }
        Map<Long, Line> lines = new HashMap<>(domains);
        gtids.domains().forEach((domain, gtid) -> lines.computeIfPresent(domain, (same, line) -> line.reaching(gtid)));
        return new GtidLineage(lines);
    }

    @Override
    public ReplicationPosition stamped(ReplicationPosition position) {
        return position;
    }

    @Override
    public boolean isComplete() {
        return true;
    }

    /** Returns who wrote each domain, and up to which number: {@code domain 0: server 1 to 95, then server 2}. */
    @Override
    public String toString() {
        return new TreeMap<>(domains)
                .entrySet().stream()
                        .map(domain -> "domain " + domain.getKey() + ": "
                                + domain.getValue().tenures.stream()
                                        .map(Tenure::toString)
                                        .collect(Collectors.joining(", then ")))
                        .collect(Collectors.joining("; "));
    }

    private static boolean isBefore(long one, long other) {
        return Long.compareUnsigned(one, other) < 0;
    }
}
