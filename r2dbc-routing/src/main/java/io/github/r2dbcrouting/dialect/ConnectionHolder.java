package io.github.r2dbcrouting.dialect;

import io.github.r2dbcrouting.topology.NodeState;

/** Whoever has something under way on a connection. */
public interface ConnectionHolder {

    /**
     * The node has not answered its last probes: what waits for an answer of its own may wait for ever. Called for each
     * probe that fails, on the monitor's thread: must not block or run anything of the user's.
     */
    void unheard(NodeState node);

    /**
     * Nothing that is under way may go on: it fails as if its connection had been lost. Must not run anything of the user's
     * on the calling thread.
     *
     * @param reason why, for the error; a clause that follows "since"
     */
    void cutOff(String reason);

    /** Returns 0 while nothing is under way, else a number that changes whenever something ends. Any thread. */
    int progress();
}
