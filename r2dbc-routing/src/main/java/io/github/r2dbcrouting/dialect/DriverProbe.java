package io.github.r2dbcrouting.dialect;

import io.github.r2dbcrouting.monitor.NodeProbe;
import io.github.r2dbcrouting.monitor.ProbeException;
import io.github.r2dbcrouting.monitor.ProbeResult;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.R2dbcException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Probes a node over a driver connection of its own, never one of a pool. */
public final class DriverProbe implements NodeProbe {

    private final NodeConnections connections;
    private final DatabaseDialect dialect;
    private final BackgroundTasks background;
    private final AtomicReference<@Nullable Line> line = new AtomicReference<>();

    /**
     * Creates the probe of one node.
     *
     * @param background closes the connection of a probe that was given up, when nobody waits for it any more
     */
    public DriverProbe(NodeConnections connections, DatabaseDialect dialect, BackgroundTasks background) {
        this.connections = connections;
        this.dialect = dialect;
        this.background = background;
    }

    /**
     * A probe that is given up while its connection is being opened leaves the opening to the next one: a node that is
     * frozen or cut off would else be sent a connection by every probe, and get all of them at once when it is back.
     */
    @Override
    public Mono<ProbeResult> probe() {
        return Mono.defer(() -> {
            Line used = present();
            return used.connection
                    .flatMap(connection -> ask(used, connection))
                    .onErrorMap(this::describe)
                    // A connection that failed or was given up in mid-answer cannot be trusted to be in step any more.
                    .doOnError(error -> drop(used))
                    // Closing it makes the answer fail, which is no news to anybody then.
                    .onErrorResume(error -> used.givenUp ? Mono.empty() : Mono.error(error))
                    .doOnCancel(() -> {
                        if (used.isOpen) {
                            used.givenUp = true;
                            drop(used);
                        }
                    });
        });
    }

    private Mono<ProbeResult> ask(Line used, Connection connection) {
        return connections
                .calls()
                .bounded("a probe", () -> dialect.probe(connection, !used.hasAnswered))
                .doOnNext(result -> used.hasAnswered = true);
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
        ErrorKind kind = connections.calls().kindOf(error);
        boolean refused = kind == ErrorKind.USER && error instanceof R2dbcException;
        String reason = withReason(error);
        return new ProbeException(
                refused ? "answers, but refuses the monitor: " + reason + "; check its user and rights" : reason,
                refused || kind == ErrorKind.SATURATION,
                error);
    }

    /** Drivers say where they could not connect, and only their innermost cause says why. */
    private static String withReason(Throwable error) {
        Throwable innermost = error;
        while (innermost.getCause() != null) {
            innermost = innermost.getCause();
        }
        String reason = message(innermost);
        String message = message(error);
        return message.contains(reason) ? message : message + ": " + reason;
    }

    private static String message(Throwable error) {
        return error.getMessage() == null ? error.getClass().getSimpleName() : error.getMessage();
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
    }
}
