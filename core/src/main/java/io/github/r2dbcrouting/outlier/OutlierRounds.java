package io.github.r2dbcrouting.outlier;

import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;

/** Looks through an {@link OutlierWatch} from time to time, and tells what it finds. */
public final class OutlierRounds {

    private static final Logger log = LoggerFactory.getLogger(OutlierRounds.class);

    private final OutlierWatch watch;
    private final Supplier<Topology> topology;
    private final Consumer<OutlierFinding> findings;
    private final Consumer<NodeState> doubts;
    private final Scheduler scheduler;

    /**
     * Creates rounds that do not run yet.
     *
     * @param outcomes calls for a round between two when a node fails too many statements in a row
     * @param topology how the nodes are seen
     * @param findings takes what is found
     * @param doubts takes nodes that are to be probed at once
     * @param scheduler runs the rounds on one thread, and is their clock
     */
    public OutlierRounds(
            OutlierWatch watch,
            Outcomes outcomes,
            Supplier<Topology> topology,
            Consumer<OutlierFinding> findings,
            Consumer<NodeState> doubts,
            Scheduler scheduler) {
        this.watch = watch;
        this.topology = topology;
        this.findings = findings;
        this.doubts = doubts;
        this.scheduler = scheduler;
        outcomes.whenFailing(this::soon);
    }

    /** Begins them; disposing of what is returned ends them. */
    public Disposable begin() {
        long period = OutlierWatch.PERIOD.toNanos();
        return scheduler.schedulePeriodically(this::look, period, period, TimeUnit.NANOSECONDS);
    }

    private void soon() {
        try {
            scheduler.schedule(this::look);
        } catch (RejectedExecutionException schedulerHasEnded) {
            log.debug("no statement is watched any more", schedulerHasEnded);
        }
    }

    /** A defect here must end neither the rounds nor what else runs on the scheduler. */
    private void look() {
        try {
            OutlierWatch.Report report = watch.look(topology.get(), scheduler.now(TimeUnit.NANOSECONDS));
            report.findings().forEach(findings);
            report.doubted().forEach(doubts);
        } catch (RuntimeException defect) {
            log.warn("a look for outliers failed", defect);
        }
    }
}
