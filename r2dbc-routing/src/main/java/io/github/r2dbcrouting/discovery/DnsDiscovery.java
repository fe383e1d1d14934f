package io.github.r2dbcrouting.discovery;

import io.github.r2dbcrouting.topology.NodeSettings;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Asks the domain name system: for all addresses of some names, each a node, or for the services (SRV) of a name, each a node of
 * the name and port that it tells. Of a name that has addresses of both kinds only those of one are taken (A, or AAAA where the machine
 * prefers it), since they are mostly those of the same servers. Names of the hosts file count, too.
 *
 * <p>Nothing is remembered between two questions: for how long an answer holds is known to the name server that is asked.
 */
public final class DnsDiscovery implements NodeDiscovery {

    private final Function<ServerAnswers, DnsNameResolver> resolvers;
    private final Scheduler blocking;
    private final List<NodeSettings> hosts;

    DnsDiscovery(Function<ServerAnswers, DnsNameResolver> resolvers, Scheduler blocking, List<NodeSettings> hosts) {
        this.resolvers = resolvers;
        this.blocking = blocking;
        this.hosts = List.copyOf(hosts);
    }

    /**
     * Returns one that asks the name servers of this machine.
     *
     * @param hosts what is asked for: services where a name begins with an underscore, addresses else. What is said of a name holds
     *     for all that is found by it
     * @param timeout for each question to a server
     * @param blocking may read files
     */
    public static NodeDiscovery of(List<NodeSettings> hosts, Duration timeout, Scheduler blocking) {
        return new DnsDiscovery(SharedResolvers.of(timeout), blocking, hosts);
    }

    @Override
    public Mono<List<NodeSettings>> nodes() {
        return Mono.defer(() -> {
                    ServerAnswers answers = new ServerAnswers();
                    return Mono.using(
                            () -> resolvers.apply(answers), resolver -> ask(resolver, answers), DnsNameResolver::close);
                })
                .subscribeOn(blocking);
    }

    private Mono<List<NodeSettings>> ask(DnsNameResolver resolver, ServerAnswers answers) {
        return Flux.fromIterable(hosts)
                .concatMap(host -> host.host().startsWith("_")
                        ? ServiceRecords.ask(resolver, host)
                        : AddressRecords.ask(resolver, answers, host))
                .collect(() -> (Map<String, NodeSettings>) new LinkedHashMap<String, NodeSettings>(), DnsDiscovery::put)
                .map(nodes -> List.copyOf(nodes.values()));
    }

    private static void put(Map<String, NodeSettings> nodes, NodeSettings node) {
        nodes.putIfAbsent(node.id().name(), node);
    }

    /** Returns a cold {@link Mono} of what netty will have found. */
    static <T> Mono<T> await(Supplier<Future<T>> question) {
        return Mono.create(sink -> {
            Future<T> answer = question.get();
            sink.onCancel(() -> answer.cancel(false));
            answer.addListener(done -> {
                if (answer.isSuccess()) {
                    sink.success(answer.getNow());
                } else {
                    sink.error(answer.cause());
                }
            });
        });
    }
}
