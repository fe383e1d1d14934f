package io.github.r2dbcrouting.discovery;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.DnsServerAddressStreamProviders;
import java.time.Duration;
import java.util.function.Function;
import reactor.netty.resources.LoopResources;
import reactor.netty.tcp.TcpResources;

/**
 * Makes resolvers on the event loops that the drivers use.
 *
 * @param timeout for each question to a server
 * @param servers who is asked
 */
record SharedResolvers(Duration timeout, DnsServerAddressStreamProvider servers)
        implements Function<ServerAnswers, DnsNameResolver> {

    /** Asks the name servers of this machine. */
    static SharedResolvers of(Duration timeout) {
        return new SharedResolvers(timeout, DnsServerAddressStreamProviders.platformDefault());
    }

    @Override
    public DnsNameResolver apply(ServerAnswers answers) {
        LoopResources loops = TcpResources.get();
        EventLoopGroup group = loops.onClient(LoopResources.DEFAULT_NATIVE);
        return new DnsNameResolverBuilder(group.next())
                .datagramChannelFactory(() -> loops.onChannel(DatagramChannel.class, group))
                // For answers that do not fit into a datagram.
                .socketChannelFactory(() -> loops.onChannel(SocketChannel.class, group), true)
                .nameServerProvider(servers)
                .dnsQueryLifecycleObserverFactory(answers)
                .queryTimeoutMillis(timeout.toMillis())
                .build();
    }
}
