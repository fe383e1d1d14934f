package io.github.r2dbcrouting;

import io.github.r2dbcrouting.dialect.DriverConnection;
import io.github.r2dbcrouting.services.ConnectionServices;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** What becomes of the connections in use when a factory is disposed of. */
final class Disposal {

    private static final Logger logger = LoggerFactory.getLogger(Disposal.class);

    /** How often is looked whether they are back. */
    private static final Duration TICK = Duration.ofMillis(10);

    private final ConnectionServices services;
    private final Scheduler callbacks;

    Disposal(ConnectionServices services, Scheduler callbacks) {
        this.services = services;
        this.callbacks = callbacks;
    }

    /** Waits for those who have a connection, for a limited time, and then closes as {@link RoutingRuntime#close()} does. */
    Mono<DisposalReport> later(Duration limit, RoutingRuntime runtime) {
        return Mono.defer(() -> {
            long begun = runtime.now();
            runtime.refuse();
            String reason = "the factory was disposed of and it did not end within " + limit.toMillis() + " ms";
            return within(
                            limit,
                            () -> !runtime.isUsed() && services.pools().held().isEmpty())
                    // In this order: nobody takes another connection behind its back.
                    .then(services.pools().close())
                    .then(Mono.fromSupplier(() -> cutOff(reason)))
                    .flatMap(cut -> runtime.close()
                            .then(within(
                                    services.exchanges().exchangeTimeout(),
                                    () -> services.pools().held().isEmpty()))
                            .then(Mono.fromSupplier(
                                    () -> new DisposalReport(Duration.ofNanos(runtime.now() - begun), cut))));
        });
    }

    /** Waits until something is so, but no longer than this. */
    private Mono<Void> within(Duration limit, BooleanSupplier condition) {
        return Flux.interval(Duration.ZERO, TICK, callbacks)
                .onBackpressureDrop()
                .filter(tick -> condition.getAsBoolean())
                .next()
                .then()
                .timeout(limit, Mono.empty(), callbacks);
    }

    /** Cuts off what is in use and returns it, for people. */
    List<String> cutOff(String reason) {
        List<DriverConnection> held = services.pools().held();
        List<String> cut = held.stream().map(DriverConnection::toString).toList();
        if (!cut.isEmpty()) {
            logger.warn(
                    "{}: cut off {} connections in use, since {}: {}",
                    services.driver().dialect().productName(),
                    cut.size(),
                    reason,
                    cut);
        }
        held.forEach(connection -> connection.cutOff(reason));
        return cut;
    }
}
