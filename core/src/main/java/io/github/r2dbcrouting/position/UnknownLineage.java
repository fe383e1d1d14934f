package io.github.r2dbcrouting.position;

/** Knows nothing, and so decides nothing. */
record UnknownLineage() implements Lineage {

    @Override
    public Coverage covers(ReplicationPosition reached, ReplicationPosition required) {
        return PositionOrder.covers(reached, required);
    }

    @Override
    public Fate fate(ReplicationPosition position) {
        return Fate.PENDING;
    }

    @Override
    public boolean isBranchOf(ReplicationPosition position) {
        return true;
    }

    @Override
    public boolean continues(Lineage earlier) {
        return true;
    }

    @Override
    public Lineage with(Lineage earlier) {
        return earlier;
    }

    @Override
    public Lineage after(Lineage previous) {
        return this;
    }

    @Override
    public Lineage reaching(ReplicationPosition position) {
        return this;
    }

    @Override
    public ReplicationPosition stamped(ReplicationPosition position) {
        return position;
    }

    @Override
    public boolean isComplete() {
        return true;
    }

    @Override
    public String toString() {
        return "unknown";
    }
}
