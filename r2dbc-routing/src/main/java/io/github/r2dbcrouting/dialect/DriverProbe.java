package io.github.r2dbcrouting.dialect;

import io.github.r2dbcrouting.monitor.NodeProbe;
import io.github.r2dbcrouting.monitor.ProbeException;
import io.github.r2dbcrouting.monitor.ProbeResult;
import io.r2dbc.spi.Connection;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Probes a node over a driver connection of its own, never one of a pool. */
public final class DriverProbe implements NodeProbe {

    private final NodeConnections connections;
    private final DatabaseDialect dialect;
    private final BackgroundTasks background;
    private final AtomicReference<@Nullable Connection> open = new AtomicReference<>();

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

    @Override
    public Mono<ProbeResult> probe() {
        return Mono.defer(() -> {
            AtomicBoolean givenUp = new AtomicBoolean();
            return ask().onErrorMap(this::describe)
                    // A connection that failed or was given up in mid-answer cannot be trusted to be in step any more.
                    .doOnError(error -> background.run("closing a probe's connection", close()))
                    // Closing it makes the answer fail, which is no news to anybody then.
                    .onErrorResume(error -> givenUp.get() ? Mono.empty() : Mono.error(error))
                    .doOnCancel(() -> {
                        givenUp.set(true);
                        background.run("closing a probe's connection", close());
                    });
        });
    }

    private Mono<ProbeResult> ask() {
        Connection kept = open.get();
        return kept == null ? connections.monitor().flatMap(this::firstAnswer) : answer(kept, false);
    }

    @Override
    public Mono<Void> close() {
        return Mono.defer(() -> {
            Connection kept = open.getAndSet(null);
            return kept == null ? Mono.empty() : connections.close(kept);
        });
    }

    private Mono<ProbeResult> firstAnswer(Connection connection) {
        open.set(connection);
        return answer(connection, true);
    }

    private Mono<ProbeResult> answer(Connection connection, boolean reconnected) {
        return connections.calls().bounded("a probe", () -> dialect.probe(connection, reconnected));
    }

    private ProbeException describe(Throwable error) {
        ErrorKind kind = connections.calls().kindOf(error);
        return new ProbeException(withReason(error), kind == ErrorKind.SATURATION, error);
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
}
