package io.github.r2dbcrouting.pool;

import io.github.r2dbcrouting.dialect.BackgroundTasks;
import io.github.r2dbcrouting.dialect.DriverProbe;
import io.github.r2dbcrouting.dialect.NodeConnections;
import io.github.r2dbcrouting.dialect.PrivilegeCheck;
import io.github.r2dbcrouting.monitor.NodeProbe;

/**
 * All that belongs to one node: made when the node is added, gone with it.
 *
 * @param connections opens connections to it
 * @param pool those that statements use
 * @param privileges what its users may do
 * @param probe measures it for the monitor
 */
public record NodeAccess(NodeConnections connections, NodePool pool, PrivilegeCheck privileges, NodeProbe probe) {

    /**
     * Returns the access to a node, with nothing open yet.
     *
     * @param driver as it is set for all nodes
     * @param background runs what nobody waits for
     */
    public static NodeAccess of(
            NodeConnections.Driver driver, NodeConnections connections, NodePool pool, BackgroundTasks background) {
        connections.whenRenewed(pool::renewInBackground);
        PrivilegeCheck privileges = new PrivilegeCheck(connections, driver.dialect(), background);
        return new NodeAccess(
                connections, pool, privileges, new DriverProbe(connections, driver.dialect(), privileges, background));
    }
}
