package io.github.r2dbcrouting.monitor;

import io.github.r2dbcrouting.topology.NodeProblem;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.scheduler.Scheduler;

/**
 * Takes the pure steps at the present time, so that no event ends the monitor: a node whose answer cannot be used has given none, and
 * whatever else fails changes nothing. Each defect is logged once in a row. Used by one thread at a time.
 */
final class GuardedReducer {

    private static final Logger log = LoggerFactory.getLogger(TopologyMonitor.class);

    private final TopologyReducer reducer;
    private final Scheduler clock;
    private @Nullable String lastDefect;

    GuardedReducer(TopologyReducer reducer, Scheduler clock) {
        this.reducer = reducer;
        this.clock = clock;
    }

    /** Returns the next state; what fails is thrown. */
    MonitorState apply(MonitorState before, MonitorEvent event) {
        return reducer.apply(before, event, clock.now(TimeUnit.NANOSECONDS));
    }

    /** Returns the next state also where the step fails, which is told. */
    MonitorState applyOrTell(MonitorState before, MonitorEvent event) {
        try {
            return apply(before, event);
        } catch (RuntimeException defect) {
            defect(defect);
            return event instanceof MonitorEvent.Answered answered
                    ? apply(
                            before,
                            new MonitorEvent.Failed(
                                    answered.node(), NodeProblem.unanswered("its answer cannot be used: " + defect)))
                    : before;
        }
    }

    /** Tells of a defect, unless it was the last one too. */
    void defect(Throwable defect) {
        String text = defect.toString();
        if (!text.equals(lastDefect)) {
            lastDefect = text;
            log.warn("the monitor goes on after a defect", defect);
        }
    }
}
