package io.github.r2dbcrouting.balancing;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A user's balancer that cannot do harm: where it throws, or returns what it was not given, the default picks. */
public final class ContainedBalancer implements LoadBalancer {

    private static final Logger logger = LoggerFactory.getLogger(ContainedBalancer.class);

    private final LoadBalancer users;
    private final LoadBalancer instead;
    private final boolean harmless;
    private final LongAdder failures = new LongAdder();
    private final AtomicBoolean told = new AtomicBoolean();

    /**
     * Contains a balancer.
     *
     * @param seed from which it, and what takes its place, begin
     */
    public ContainedBalancer(LoadBalancer users, long seed) {
        this.users = users.seeded(seed);
        this.instead = LoadBalancer.adaptive().seeded(seed);
        this.harmless = Presets.include(users);
    }

    @Override
    public Candidate choose(List<Candidate> candidates) {
        if (harmless) {
            return users.choose(candidates);
        }
        Candidate chosen;
        try {
            chosen = users.choose(candidates);
        } catch (Exception | LinkageError | AssertionError failure) {
            return instead(candidates, "has failed", failure);
        }
        return isOneOf(candidates, chosen)
                ? chosen
                : instead(candidates, "has returned " + chosen + ", which is none of " + candidates, null);
    }

    private static boolean isOneOf(List<Candidate> candidates, @Nullable Candidate chosen) {
        for (int i = 0; i < candidates.size(); i++) {
            if (candidates.get(i) == chosen) {
                return true;
            }
        }
        return false;
    }

    private Candidate instead(List<Candidate> candidates, String what, @Nullable Throwable failure) {
        failures.increment();
        if (told.compareAndSet(false, true)) {
            logger.error(
                    "the load balancer {} {}; {} picks instead, each time that this happens; it is counted and not logged again",
                    users,
                    what,
                    instead,
                    failure);
        }
        return instead.choose(candidates);
    }

    /** Returns how often the default had to pick. */
    public long failures() {
        return failures.sum();
    }

    @Override
    public String toString() {
        return users.toString();
    }
}
