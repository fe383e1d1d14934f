package io.github.r2dbcrouting.dialect;

import io.github.r2dbcrouting.credentials.MissingPrivilege;
import io.github.r2dbcrouting.topology.NodeId;
import io.r2dbc.spi.Connection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import reactor.core.publisher.Mono;

/**
 * Looks at what the monitor and the control user may do on one node, once for each connection of the monitor. What is missing
 * is logged once, and again only if it was there in between.
 */
public final class PrivilegeCheck {

    private static final Logger logger = LoggerFactory.getLogger(PrivilegeCheck.class);

    private final NodeConnections connections;
    private final DatabaseDialect dialect;
    private final BackgroundTasks background;
    private final Map<ConnectionPurpose, List<MissingPrivilege>> missing = new ConcurrentHashMap<>();

    /**
     * Creates the check of one node.
     *
     * @param background runs it, so that no probe and nobody else waits for it
     */
    public PrivilegeCheck(NodeConnections connections, DatabaseDialect dialect, BackgroundTasks background) {
        this.connections = connections;
        this.dialect = dialect;
        this.background = background;
    }

    /** Looks now, over a connection of the monitor that has just answered, and over one of the control user if there is one. */
    void look(Connection monitor) {
        run(ConnectionPurpose.MONITOR, ask(monitor, ConnectionPurpose.MONITOR));
        if (connections.hasControl()) {
            run(
                    ConnectionPurpose.CONTROL,
                    Mono.usingWhen(
                            connections.control(),
                            control -> ask(control, ConnectionPurpose.CONTROL),
                            connections::close));
        }
    }

    private Mono<List<MissingPrivilege>> ask(Connection connection, ConnectionPurpose purpose) {
        return connections
                .calls()
                .bounded("a look at privileges", () -> dialect.missingPrivileges(connection, purpose));
    }

    private void run(ConnectionPurpose purpose, Mono<List<MissingPrivilege>> look) {
        background.run(
                "looking at privileges on node " + node(),
                look.doOnNext(found -> publish(purpose, found)).doOnError(error -> failed(purpose, error)));
    }

    /** A node that is away says so by its probes; that a user of ours is not let in, only here. */
    private void failed(ConnectionPurpose purpose, Throwable error) {
        if (purpose == ConnectionPurpose.CONTROL && NodeLogin.isRefusal(error)) {
            publish(
                    purpose,
                    List.of(new MissingPrivilege(
                            connections.controlUser(),
                            "the right to log in (" + error.getMessage() + ")",
                            "commanding the node",
                            "check controlUser and controlPassword")));
        }
    }

    private void publish(ConnectionPurpose purpose, List<MissingPrivilege> found) {
        List<MissingPrivilege> earlier = missing.put(purpose, found);
        for (MissingPrivilege privilege : found) {
            if (earlier == null || !earlier.contains(privilege)) {
                logger.atLevel(privilege.optional() ? Level.INFO : Level.WARN)
                        .log(
                                "node {}: user {} lacks {}, so this does not work: {}; {}",
                                node(),
                                privilege.user(),
                                privilege.privilege(),
                                privilege.feature(),
                                privilege.remedy());
            }
        }
    }

    public NodeId node() {
        return connections.calls().node();
    }

    /** Returns what was missing at the last look, the monitor's first; {@code null} before the first one. */
    public @Nullable List<MissingPrivilege> missing() {
        List<MissingPrivilege> monitor = missing.get(ConnectionPurpose.MONITOR);
        List<MissingPrivilege> control = connections.hasControl() ? missing.get(ConnectionPurpose.CONTROL) : List.of();
        return monitor == null || control == null
                ? null
                : Stream.concat(monitor.stream(), control.stream()).toList();
    }
}
