package io.github.r2dbcrouting.monitor;

import io.github.r2dbcrouting.topology.NodeState;
import io.github.r2dbcrouting.topology.Topology;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/** The latest state, and the stream of those before. Written by the monitor's single owner, read by anybody. */
final class PublishedStates {

    private final Scheduler scheduler;
    private final Duration startupTimeout;
    private final Sinks.Many<MonitorState> states = Sinks.many().replay().latest();
    private volatile MonitorState latest;

    /**
     * Publishes the first state.
     *
     * @param scheduler calls back whoever reads, and is the clock
     * @param startupTimeout how long is waited for a usable node
     */
    PublishedStates(MonitorState first, Scheduler scheduler, Duration startupTimeout) {
        this.scheduler = scheduler;
        this.startupTimeout = startupTimeout;
        this.latest = first;
        states.tryEmitNext(first);
    }

    MonitorState latest() {
        return latest;
    }

    void publish(MonitorState next) {
        MonitorState before = latest;
        latest = next;
        if (!next.topology().equals(before.topology()) || next.isReady() != before.isReady()) {
            // With a single owner the only possible failure is that the monitor has ended.
            states.tryEmitNext(next);
        }
    }

    void end() {
        states.tryEmitComplete();
    }

    /** See {@link TopologyMonitor#ready()}. */
    Mono<Topology> ready() {
        return Mono.defer(() -> {
            MonitorState present = latest;
            if (present.isReady()) {
                return Mono.just(present.topology());
            }
            return states.asFlux()
                    .filter(MonitorState::isReady)
                    .next()
                    .map(MonitorState::topology)
                    .switchIfEmpty(Mono.error(() -> new NoUsableNodeException("the monitor has ended", List.of())))
                    .timeout(startupTimeout, Mono.error(this::noUsableNode), scheduler)
                    .publishOn(scheduler);
        });
    }

    private NoUsableNodeException noUsableNode() {
        List<NodeState> nodes = latest.topology().nodes();
        String problems = nodes.stream()
                .map(node -> node.id() + ": " + (node.problem() == null ? "healthy" : node.problem()))
                .collect(Collectors.joining("; "));
        return new NoUsableNodeException(
                "no usable node within " + startupTimeout.toMillis() + " ms: "
                        + (nodes.isEmpty() ? "none was discovered" : problems)
                        + ". Check that the nodes run, can be reached from here and let the configured user in",
                nodes);
    }

    /** See {@link TopologyMonitor#topology()}. */
    Flux<Topology> topology() {
        return states.asFlux()
                .map(MonitorState::topology)
                .distinctUntilChanged()
                .onBackpressureLatest()
                .publishOn(scheduler, 1);
    }
}
