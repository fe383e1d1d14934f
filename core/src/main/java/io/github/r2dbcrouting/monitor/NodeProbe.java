package io.github.r2dbcrouting.monitor;

import io.github.r2dbcrouting.position.PositionBound;
import reactor.core.publisher.Mono;

/** Measures one node over a connection of its own, which it opens when needed and keeps between probes. */
public interface NodeProbe {

    /**
     * Measures the node once.
     *
     * @return a cold {@link Mono} that opens the connection if there is none, asks, and emits the answer. It fails with a
     *     {@link ProbeException} if the node cannot be reached, does not answer properly, or is out of connections; the
     *     next probe then starts with a new connection. Cancelling gives up the probe and its connection. Probes of one
     *     node never overlap: the caller sees to that.
     */
    Mono<ProbeResult> probe();

    /**
     * Measures the node once, as {@link #probe()} does, and as soon as it has reached what somebody waits for. A server that can tell by itself
     * when that is, is let wait for some milliseconds at most; any other is measured at once.
     *
     * @param awaited what the node is to have covered
     */
    default Mono<ProbeResult> probe(PositionBound awaited) {
        return probe();
    }

    /** Returns a cold {@link Mono} that closes the connection; the next probe would open a new one. Never fails. */
    Mono<Void> close();
}
