package io.github.r2dbcrouting.discovery;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.dns.DatagramDnsQuery;
import io.netty.handler.codec.dns.DatagramDnsQueryDecoder;
import io.netty.handler.codec.dns.DatagramDnsResponse;
import io.netty.handler.codec.dns.DatagramDnsResponseEncoder;
import io.netty.handler.codec.dns.DefaultDnsRawRecord;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.handler.codec.dns.DnsSection;
import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** A name server of a test's own, which knows what it is told, over UDP on this machine. */
final class FakeDnsServer implements AutoCloseable {

    private record Record(DnsRecordType type, byte[] content) {}

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Map<String, List<Record>> zone = new ConcurrentHashMap<>();
    private final Channel channel;
    private volatile DnsResponseCode failure;
    private volatile boolean silent;

    /** The only kind of question that it fails at or is silent to; all if {@code null}. */
    private volatile DnsRecordType failingAt;

    FakeDnsServer() {
        channel = new Bootstrap()
                .group(loops)
                .channel(NioDatagramChannel.class)
                .handler(new ChannelInitializer<DatagramChannel>() {
                    @Override
                    protected void initChannel(DatagramChannel server) {
                        server.pipeline()
                                .addLast(
                                        new DatagramDnsQueryDecoder(),
                                        new DatagramDnsResponseEncoder(),
                                        new Answering());
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .syncUninterruptibly()
                .channel();
    }

    /** Returns what asks this server alone. */
    SharedResolvers resolvers(Duration timeout) {
        return new SharedResolvers(
                timeout, new SingletonDnsServerAddressStreamProvider((InetSocketAddress) channel.localAddress()));
    }

    /** Makes a name one of these addresses, and of no others. */
    void addresses(String name, String... addresses) {
        List<Record> records = new ArrayList<>();
        for (String address : addresses) {
            byte[] content = bytes(address);
            records.add(new Record(content.length == 4 ? DnsRecordType.A : DnsRecordType.AAAA, content));
        }
        zone.put(name, records);
    }

    private static byte[] bytes(String address) {
        try {
            return InetAddress.getByName(address).getAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** Makes a name one of these services, each as {@code priority weight port target}. */
    void services(String name, String... services) {
        List<Record> records = new ArrayList<>();
        for (String service : services) {
            String[] parts = service.split(" ");
            ByteBuf content = Unpooled.buffer();
            for (int i = 0; i < 3; i++) {
                content.writeShort(Integer.parseInt(parts[i]));
            }
            for (String label : parts[3].split("\\.")) {
                if (!label.isEmpty()) {
                    content.writeByte(label.length());
                    content.writeCharSequence(label, StandardCharsets.US_ASCII);
                }
            }
            content.writeByte(0);
            byte[] bytes = new byte[content.readableBytes()];
            content.readBytes(bytes);
            records.add(new Record(DnsRecordType.SRV, bytes));
        }
        zone.put(name, records);
    }

    void fail(DnsResponseCode code) {
        failure = code;
    }

    void fallSilent() {
        silent = true;
    }

    /** Lets {@link #fail} and {@link #fallSilent} hold for one kind of question only. */
    void only(DnsRecordType type) {
        failingAt = type;
    }

    private boolean failsAt(DnsQuestion question) {
        DnsRecordType type = failingAt;
        return type == null || type.equals(question.type());
    }

    void recover() {
        failure = null;
        silent = false;
        failingAt = null;
    }

    @Override
    public void close() {
        channel.close().syncUninterruptibly();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private final class Answering extends SimpleChannelInboundHandler<DatagramDnsQuery> {

        @Override
        protected void channelRead0(ChannelHandlerContext context, DatagramDnsQuery query) {
            DnsQuestion question = query.recordAt(DnsSection.QUESTION);
            if (silent && failsAt(question)) {
                return;
            }
            DatagramDnsResponse response = new DatagramDnsResponse(query.recipient(), query.sender(), query.id());
            response.addRecord(DnsSection.QUESTION, question);
            String name = question.name().substring(0, question.name().length() - 1);
            List<Record> known = zone.get(name);
            if (failure != null && failsAt(question)) {
                response.setCode(failure);
            } else if (known == null) {
                response.setCode(DnsResponseCode.NXDOMAIN);
            } else {
                known.stream()
                        .filter(record -> record.type.equals(question.type()))
                        .forEach(record -> response.addRecord(
                                DnsSection.ANSWER,
                                new DefaultDnsRawRecord(
                                        question.name(), record.type, 60, Unpooled.wrappedBuffer(record.content))));
            }
            context.writeAndFlush(response).addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
        }
    }
}
