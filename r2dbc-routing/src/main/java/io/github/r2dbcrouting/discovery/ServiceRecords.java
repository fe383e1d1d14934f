package io.github.r2dbcrouting.discovery;

import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.NodeShare;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DefaultDnsRecordDecoder;
import io.netty.handler.codec.dns.DnsRawRecord;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.util.ReferenceCountUtil;
import java.net.UnknownHostException;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Reads SRV records (RFC 2782). Those of a higher priority number serve only while none of a lower one can, as there; weights are taken as
 * they are, 0 as 1.
 */
final class ServiceRecords {

    private ServiceRecords() {}

    /** One record, as it is in the answer. */
    private record Service(int priority, int weight, int port, String target) {}

    static Flux<NodeSettings> ask(DnsNameResolver resolver, NodeSettings service) {
        return DnsDiscovery.await(() -> resolver.resolveAll(new DefaultDnsQuestion(service.host(), DnsRecordType.SRV)))
                .map(ServiceRecords::read)
                .flatMapIterable(ServiceRecords::nodes)
                .map(node -> node.at(service.placement()).within(service.maxLag()))
                .switchIfEmpty(
                        Mono.error(() -> new UnknownHostException("no service of " + service.host() + " is known")));
    }

    private static List<Service> read(List<DnsRecord> records) {
        try {
            return records.stream()
                    .filter(record -> record.type().equals(DnsRecordType.SRV) && record instanceof DnsRawRecord)
                    .map(record -> read(((DnsRawRecord) record).content()))
                    // The root alone means that the service is not offered.
                    .filter(service -> !service.target.isEmpty() && service.port > 0)
                    .toList();
        } finally {
            records.forEach(ReferenceCountUtil::release);
        }
    }

    private static Service read(ByteBuf content) {
        int priority = content.readUnsignedShort();
        int weight = content.readUnsignedShort();
        int port = content.readUnsignedShort();
        String target = DefaultDnsRecordDecoder.decodeName(content);
        return new Service(
                priority, weight, port, target.endsWith(".") ? target.substring(0, target.length() - 1) : target);
    }

    /** Only the order of priorities means anything, and there may be any number of them. */
    private static List<NodeSettings> nodes(List<Service> services) {
        List<Integer> priorities =
                services.stream().map(Service::priority).distinct().sorted().toList();
        return services.stream()
                .map(service -> NodeSettings.of(service.target, service.port)
                        .sharing(new NodeShare(
                                Math.max(1, Math.min(service.weight, NodeShare.MOST_WEIGHT)),
                                Math.min(priorities.indexOf(service.priority), NodeShare.LAST_PRIORITY),
                                1)))
                .toList();
    }
}
