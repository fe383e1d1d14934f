package io.github.r2dbcrouting.dialect;

import io.github.r2dbcrouting.error.ExchangeTimeoutException;
import io.github.r2dbcrouting.monitor.NodeProbe;
import io.github.r2dbcrouting.monitor.ProbeException;
import io.github.r2dbcrouting.monitor.ProbeResult;
import io.github.r2dbcrouting.position.Lineage;
import io.github.r2dbcrouting.position.PositionBound;
import io.github.r2dbcrouting.topology.NodeProblem;
import io.github.r2dbcrouting.topology.NodeRole;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ValidationDepth;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Probes a node over a driver connection of its own, never one of a pool. */
public final class DriverProbe implements NodeProbe {

    private final NodeConnections connections;
    private final DatabaseDialect dialect;
    private final PrivilegeCheck privileges;
    private final BackgroundTasks background;
    private final AtomicReference<@Nullable Line> line = new AtomicReference<>();
    private volatile boolean isExamined;

    /**
     * Creates the probe of one node.
     *
     * @param privileges looks at the rights of the monitor, once for each of its connections
     * @param background closes the connection of a probe that was given up, when nobody waits for it any more
     */
    public DriverProbe(
            NodeConnections connections,
            DatabaseDialect dialect,
            PrivilegeCheck privileges,
            BackgroundTasks background) {
        this.connections = connections;
        this.dialect = dialect;
        this.privileges = privileges;
        this.background = background;
    }

    /**
     * A probe that is given up while its connection is being opened leaves the opening to the next one: a node that is
     * frozen or cut off would else be sent a connection by every probe, and get all of them at once when it is back.
     *
     * <p>A connection that broke since it answered last proves nothing of the node yet. Only what a new one meets does: a
     * server that is gone, or one that is so busy that it lets nobody in, the monitor included.
     */
    @Override
    public Mono<ProbeResult> probe() {
        return probe(PositionBound.NONE);
    }

    /** Only a connection that has answered before waits: what a new one meets is to be known at once. */
    @Override
    public Mono<ProbeResult> probe(PositionBound awaited) {
        return Mono.defer(() -> {
            Line used = present();
            return over(used, used.isReplica ? awaited : PositionBound.NONE)
                    .onErrorResume(
                            error -> used.hasBroken(error) ? over(present(), PositionBound.NONE) : Mono.error(error))
                    .onErrorMap(this::describe);
        });
    }

    private Mono<ProbeResult> over(Line used, PositionBound awaited) {
        return used.connection
                .flatMap(connection -> waited(connection, awaited).then(Mono.defer(() -> ask(used, connection))))
                // A connection that failed or was given up in mid-answer cannot be trusted to be in step any more.
                .doOnError(error -> {
                    if (used.unfit == null) {
                        drop(used);
                    }
                })
                // Closing it makes the answer fail, which is no news to anybody then.
                .onErrorResume(error -> used.givenUp ? Mono.empty() : Mono.error(error))
                .doOnCancel(() -> {
                    if (used.isOpen) {
                        used.givenUp = true;
                        drop(used);
                    }
                });
    }

    /** Whoever may not wait at the server, or finds that it cannot after all, asks at once. */
    private Mono<Void> waited(Connection connection, PositionBound awaited) {
        return awaited.isNone()
                ? Mono.empty()
                : connections
                        .calls()
                        .bounded("a probe", () -> dialect.awaitReplay(connection, awaited))
                        .onErrorResume(error ->
                                connections.calls().kindOf(error) == ErrorKind.USER ? Mono.empty() : Mono.error(error));
    }

    private Mono<ProbeResult> ask(Line used, Connection connection) {
        if (used.unfit == null) {
            used.unfit = dialect.unfit(connection.getMetadata());
        }
        NodeProblem unfit = used.unfit;
        return unfit == null ? question(used, connection) : refused(used, connection, unfit);
    }

    private Mono<ProbeResult> question(Line used, Connection connection) {
        return connections
                .calls()
                .bounded("a probe", () -> dialect.probe(connection, !used.hasAnswered))
                .flatMap(answer -> {
                    if (used.hasAnswered && used.backendId != answer.backendId()) {
                        used.unfit = pooled(used.backendId + " became " + answer.backendId() + " on one connection");
                        return Mono.error(new ProbeException(used.unfit, null));
                    }
                    connections.serverLimit(answer.connectionLimit());
                    used.backendId = answer.backendId();
                    used.isReplica = answer.result().role() == NodeRole.REPLICA;
                    if (!used.hasAnswered) {
                        used.hasAnswered = true;
                        privileges.look(connection);
                    } else if (!isExamined) {
                        // Not with the first answer: the connection must rest, and the look at the rights uses it.
                        isExamined = true;
                        background.run("looking for a pooler", examine(used));
                    }
                    return descended(used, connection, answer.result());
                });
    }

    /** A primary's branch is asked for once, and again when the connection or the branch is another one. */
    private Mono<ProbeResult> descended(Line used, Connection connection, ProbeResult result) {
        Lineage plain = result.lineage();
        if (plain.isComplete()) {
            return Mono.just(result);
        }
        if (plain.equals(used.askedFor)) {
            return Mono.just(result.with(used.lineage));
        }
        return connections
                .calls()
                .bounded("a probe", () -> dialect.lineage(connection, result))
                .onErrorResume(
                        error -> connections.calls().kindOf(error) == ErrorKind.USER ? Mono.empty() : Mono.error(error))
                .defaultIfEmpty(plain)
                .map(lineage -> {
                    used.lineage = lineage;
                    used.askedFor = plain;
                    return result.with(lineage);
                });
    }

    /**
     * Asks once over a second connection, while the first one rests, which session answers. Done beside the probes, so that it
     * makes none of them late; where it fails it tells nothing.
     */
    private Mono<Void> examine(Line used) {
        return Mono.usingWhen(
                        connections.monitor(),
                        second -> connections.calls().bounded("a probe", () -> dialect.probe(second, true)),
                        connections::close)
                .doOnNext(answer -> {
                    if (answer.backendId() == used.backendId && used.backendId != 0) {
                        used.unfit = pooled(answer.backendId() + " answered on two connections");
                    }
                })
                .then();
    }

    /** A session belongs to one connection for life, unless somebody in between lends it to several. */
    private static NodeProblem pooled(String session) {
        return NodeProblem.unfit(
                "is reached through a pooler that lends sessions for single transactions: session " + session,
                "a session for each connection, on whose settings, locks and positions one can rely",
                "give the server's own address, or let the pooler pool sessions (pool_mode = session)");
    }

    /** Nothing but a new connection can show that the server was replaced, so this one is kept for as long as it works. */
    private Mono<ProbeResult> refused(Line used, Connection connection, NodeProblem unfit) {
        return connections
                .calls()
                .<Boolean>bounded("a probe", () -> connection.validate(ValidationDepth.REMOTE))
                .onErrorReturn(false)
                .flatMap(valid -> {
                    if (!valid) {
                        drop(used);
                    }
                    return Mono.error(new ProbeException(unfit, null));
                });
    }

    @Override
    public Mono<Void> close() {
        return Mono.defer(() -> {
            Line last = line.getAndSet(null);
            if (last == null) {
                return Mono.empty();
            }
            if (last.isOpen) {
                return closing(last);
            }
            background.run("closing a probe's connection", closing(last));
            return Mono.empty();
        });
    }

    private void drop(Line dropped) {
        if (line.compareAndSet(dropped, null)) {
            background.run("closing a probe's connection", closing(dropped));
        }
    }

    private Mono<Void> closing(Line last) {
        return last.connection.flatMap(connections::close).onErrorComplete();
    }

    /** Probes never overlap, so nobody else makes one at the same time. */
    private Line present() {
        Line present = line.get();
        if (present == null) {
            present = new Line();
            line.set(present);
        }
        return present;
    }

    private ProbeException describe(Throwable error) {
        return error instanceof ProbeException told
                ? told
                : new ProbeException(
                        FailedProbe.problem(error, connections.calls().kindOf(error)), error);
    }

    /** One connection, from when its opening begins. */
    private final class Line {

        /** Opened once, for whichever probe is there when it arrives. */
        private final Mono<Connection> connection = connections
                .monitor()
                .doOnNext(opened -> isOpen = true)
                .doOnError(error -> line.compareAndSet(this, null))
                .cache();

        private volatile boolean isOpen;
        private volatile boolean hasAnswered;
        private volatile boolean givenUp;
        private volatile boolean isReplica;
        private volatile long backendId;
        private volatile @Nullable NodeProblem unfit;
        private volatile @Nullable Lineage askedFor;
        private volatile Lineage lineage = Lineage.UNKNOWN;

        /** Returns whether the connection had answered, and then broke rather than fell silent. */
        boolean hasBroken(Throwable error) {
            return hasAnswered
                    && !givenUp
                    && !(error instanceof ExchangeTimeoutException)
                    && connections.calls().kindOf(error).isLostConnection();
        }
    }
}
