package io.github.r2dbcrouting.selector;

import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A user's selector that cannot do harm: where it throws, or returns what it was not given, it leaves nobody out. */
public final class ContainedSelector implements NodeSelector {

    private static final Logger logger = LoggerFactory.getLogger(ContainedSelector.class);

    private final NodeSelector users;
    private final String name;
    private final LongAdder failures = new LongAdder();
    private final AtomicBoolean told = new AtomicBoolean();

    public ContainedSelector(NodeSelector users) {
        this.users = users;
        this.name = name(users);
    }

    private static String name(NodeSelector users) {
        try {
            return users.toString();
        } catch (RuntimeException | LinkageError failure) {
            return users.getClass().getName();
        }
    }

    @Override
    public List<NodeState> select(Topology topology, List<NodeState> candidates) {
        try {
            List<NodeState> selected = users.select(topology, candidates);
            // A list of the user's own may fail, too.
            return areAmong(candidates, selected)
                    ? candidates.stream().filter(selected::contains).toList()
                    : everybody(candidates, "has returned what it was not given", null);
        } catch (Exception | LinkageError | AssertionError failure) {
            return everybody(candidates, "has failed", failure);
        }
    }

    /** Who implements it knows nothing of what must not be null. */
    private static boolean areAmong(List<NodeState> candidates, @Nullable List<NodeState> selected) {
        return selected != null && candidates.containsAll(selected);
    }

    private List<NodeState> everybody(List<NodeState> candidates, String what, @Nullable Throwable failure) {
        failures.increment();
        if (told.compareAndSet(false, true)) {
            logger.error(
                    "the node selector {} {}; it leaves nobody out, each time that this happens; it is counted and not logged again",
                    name,
                    what,
                    failure);
        }
        return candidates;
    }

    /** Returns how often it had to be passed over. */
    public long failures() {
        return failures.sum();
    }

    @Override
    public String toString() {
        return name;
    }
}
