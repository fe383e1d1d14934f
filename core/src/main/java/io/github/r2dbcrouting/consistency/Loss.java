package io.github.r2dbcrouting.consistency;

import io.github.r2dbcrouting.position.Lineage;
import io.github.r2dbcrouting.position.PositionBound;
import io.github.r2dbcrouting.topology.NodeId;

/**
 * Something that a session wrote or read and that the present primary does not have, or is not known to have. Nobody can show it any
 * more, so the session goes on from what the primary shows now.
 *
 * @param certain whether it is lost for sure; else nobody can tell, since where the branches parted, or how far the last primary had
 *     come, is not known
 * @param bound where it stood; {@link PositionBound#NONE} where the last primary was gone before that was known
 * @param epoch the epoch in which it was noticed
 * @param primary the primary of that epoch
 * @param lineage what is known of its branch
 */
public record Loss(boolean certain, PositionBound bound, long epoch, NodeId primary, Lineage lineage) {

    /** Returns it in one sentence. */
    @Override
    public String toString() {
        return "what a session has seen up to " + (bound.isNone() ? "a position that was never known" : bound)
                + (certain ? " is lost: " : " may be lost: ") + "the primary is " + primary + ", epoch " + epoch
                + ", its history " + lineage;
    }
}
