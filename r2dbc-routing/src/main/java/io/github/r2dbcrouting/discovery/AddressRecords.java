package io.github.r2dbcrouting.discovery;

import io.github.r2dbcrouting.topology.NodeSettings;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DnsRawRecord;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.util.NetUtil;
import io.netty.util.ReferenceCountUtil;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Reads the addresses of a name, of one kind only: a server that has both would else be two nodes. The other kind is asked for only if there is
 * none of the preferred one, and not if that could not be told: a resolver that is asked for both at once takes what it gets for all there is.
 */
final class AddressRecords {

    private AddressRecords() {}

    static Flux<NodeSettings> ask(DnsNameResolver resolver, ServerAnswers answers, NodeSettings host) {
        return Flux.fromIterable(kinds(resolver))
                .concatMap(kind -> isKnownHere(resolver, host.host())
                        ? DnsDiscovery.await(() -> resolver.resolveAll(host.host()))
                                .map(found -> ofKind(found, kind))
                        : ask(resolver, answers, host.host(), kind))
                .filter(found -> !found.isEmpty())
                .next()
                .switchIfEmpty(Mono.error(() -> new UnknownHostException("no address of " + host.host() + " is known")))
                .flatMapIterable(found -> found)
                .map(InetAddress::getHostAddress)
                .map(address -> new NodeSettings(
                        NodeSettings.of(address, host.port()).id(),
                        address,
                        host.port(),
                        host.placement(),
                        host.share(),
                        host.maxLag()));
    }

    /** The preferred kind first, as this machine is set. */
    private static List<DnsRecordType> kinds(DnsNameResolver resolver) {
        return switch (resolver.resolvedAddressTypes()) {
            case IPV4_ONLY -> List.of(DnsRecordType.A);
            case IPV6_ONLY -> List.of(DnsRecordType.AAAA);
            case IPV4_PREFERRED -> List.of(DnsRecordType.A, DnsRecordType.AAAA);
            case IPV6_PREFERRED -> List.of(DnsRecordType.AAAA, DnsRecordType.A);
        };
    }

    /** What is an address already, or in the hosts file, no server is asked for. */
    private static boolean isKnownHere(DnsNameResolver resolver, String host) {
        return NetUtil.createByteArrayFromIpAddressString(host) != null
                || resolver.hostsFileEntriesResolver().address(host, resolver.resolvedAddressTypes()) != null;
    }

    private static List<InetAddress> ofKind(List<InetAddress> addresses, DnsRecordType kind) {
        return addresses.stream()
                .filter(address -> address instanceof Inet6Address == kind.equals(DnsRecordType.AAAA))
                .toList();
    }

    private static Mono<List<InetAddress>> ask(
            DnsNameResolver resolver, ServerAnswers answers, String host, DnsRecordType kind) {
        return DnsDiscovery.await(() -> {
                    answers.begin();
                    return resolver.resolveAll(new DefaultDnsQuestion(host, kind));
                })
                .map(records -> read(records, kind))
                .onErrorResume(none -> answers.areComplete(), none -> Mono.just(List.of()));
    }

    private static List<InetAddress> read(List<DnsRecord> records, DnsRecordType kind) {
        try {
            return records.stream()
                    .filter(record -> record.type().equals(kind) && record instanceof DnsRawRecord)
                    .map(record -> read((DnsRawRecord) record))
                    .toList();
        } finally {
            records.forEach(ReferenceCountUtil::release);
        }
    }

    private static InetAddress read(DnsRawRecord record) {
        byte[] address = new byte[record.content().readableBytes()];
        record.content().readBytes(address);
        try {
            return InetAddress.getByAddress(address);
        } catch (UnknownHostException malformed) {
            throw new IllegalStateException("a name server told an address of " + address.length + " bytes", malformed);
        }
    }
}
