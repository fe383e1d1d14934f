package io.github.r2dbcrouting.services;

import io.github.r2dbcrouting.topology.Topology;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Decides whether something may be sent to the primary now, later or not at all, and whether its acknowledgement counts.
 * It is asked before every statement and commit on the primary, and again when the answer has come: an acknowledgement
 * that arrives when the primary may have been replaced is no acknowledgement.
 */
public interface PrimaryAdmission {

    /**
     * Asks for admission.
     *
     * @param topology the snapshot from which the primary was chosen
     * @return a cold {@link Mono} that emits a ticket at once, or when the primary is ready again, or fails; cancelling
     *     gives up the wait
     */
    Mono<Ticket> admit(Topology topology);

    /** Returns the admission that lets everything through at once. */
    static PrimaryAdmission open() {
        return OpenAdmission.INSTANCE;
    }

    /** What was admitted. */
    @FunctionalInterface
    interface Ticket {

        /** Returns {@code null} if the acknowledgement that has just come counts, else the error to report instead. */
        @Nullable
        Throwable acknowledge();
    }
}
