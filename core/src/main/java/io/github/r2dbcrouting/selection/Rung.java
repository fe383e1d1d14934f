package io.github.r2dbcrouting.selection;

import io.github.r2dbcrouting.balancing.Candidate;
import io.github.r2dbcrouting.position.BranchHistory;
import io.github.r2dbcrouting.position.Coverage;
import io.github.r2dbcrouting.position.LogPosition;
import io.github.r2dbcrouting.position.ReplicationPosition;
import io.github.r2dbcrouting.topology.Replication;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Replicas that serve a read equally well.
 *
 * @param reason why it came down to them, for a decision that picks one
 * @param candidates at least one replica, in the topology's order
 * @param least the position of the candidate that all others have come as far as, so that what it has covered all have; {@code null}
 *     where there is none such
 */
record Rung(
        String reason, List<Candidate> candidates, @Nullable ReplicationPosition least) {

    static Rung of(String reason, List<Candidate> candidates, BranchHistory history) {
        return new Rung(reason, candidates, least(candidates, history));
    }

    private static @Nullable ReplicationPosition least(List<Candidate> candidates, BranchHistory history) {
        ReplicationPosition least = null;
        for (Candidate candidate : candidates) {
            Replication replication = candidate.state().replication();
            if (replication == null) {
                return null;
            }
            ReplicationPosition position = replication.position();
            if (least != null && areApart(position, least)) {
                return null;
            }
            if (least == null || history.covers(least, position) == Coverage.YES) {
                least = position;
            } else if (history.covers(position, least) != Coverage.YES) {
                return null;
            }
        }
        return least;
    }

    /** A branch of which less is known may be either of two, so that what one has covered another need not have. */
    private static boolean areApart(ReplicationPosition one, ReplicationPosition other) {
        return one instanceof LogPosition p
                && other instanceof LogPosition q
                && !p.branch().equals(q.branch());
    }
}
