package io.github.r2dbcrouting.cluster;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.netty.Connection;
import reactor.netty.DisposableServer;
import reactor.netty.NettyInbound;
import reactor.netty.NettyOutbound;
import reactor.netty.resources.LoopResources;
import reactor.netty.tcp.TcpClient;
import reactor.netty.tcp.TcpServer;

/**
 * Stands before a node and spoils the network on request. Clients that shall notice connect to {@link #port()} instead of
 * the node's own; the replication between the nodes is not affected.
 *
 * <p>A fault holds for present and future connections until {@link #heal()}. Faults add up. Every method returns when the
 * fault is in place; all may be called from several threads.
 */
public final class TcpProxy implements AutoCloseable {

    private static final Duration CLOSE_TIME = Duration.ofSeconds(2);

    private final String host;
    private final int port;
    private final int targetPort;
    private final LoopResources loops = LoopResources.create("local-cluster-proxy", 1, true);
    private final TrafficGate toServer;
    private final TrafficGate toClient;
    private final Set<Channel> clients = ConcurrentHashMap.newKeySet();
    private final Set<Channel> servers = ConcurrentHashMap.newKeySet();
    private @Nullable DisposableServer listener;
    private @Nullable CrowdedListener crowded;

    /** One way through the proxy. */
    public enum Direction {
        /** What clients send. */
        TO_SERVER,
        /** What the server answers. */
        TO_CLIENT
    }

    TcpProxy(String host, int port, int targetPort) {
        this.host = host;
        this.port = port;
        this.targetPort = targetPort;
        // Not a shared scheduler: a test may have replaced those by virtual time.
        Scheduler scheduler = Schedulers.fromExecutorService(loops.onServer(false));
        this.toServer = new TrafficGate(scheduler);
        this.toClient = new TrafficGate(scheduler);
        listen();
    }

    /** Returns the address to connect to. */
    public String host() {
        return host;
    }

    /** Returns the port to connect to; it stays the same. */
    public int port() {
        return port;
    }

    /** Returns how many connections to the server the proxy has at present. */
    public int connections() {
        return servers.size();
    }

    /**
     * Delays everything, in both directions, by at least this much; the throughput stays. Without a latency, what is still on its
     * way arrives at once.
     */
    public void latency(Duration latency) {
        latency(Direction.TO_SERVER, latency);
        latency(Direction.TO_CLIENT, latency);
    }

    /** Delays everything in one direction by at least this much; the throughput stays. */
    public void latency(Direction direction, Duration latency) {
        if (latency.isNegative()) {
            throw new IllegalArgumentException("latency must not be negative, was " + latency);
        }
        gate(direction).delay(latency);
    }

    /**
     * Lets nothing through in either direction, not even the end of a connection, and tells nobody. What was sent arrives after
     * {@link #heal()}, as with a network that was cut for a while. New connections are still accepted, because the operating
     * system does that, but do not reach the server.
     */
    public void blackHole() {
        blackHole(Direction.TO_SERVER);
        blackHole(Direction.TO_CLIENT);
    }

    /** Lets nothing through in one direction, as {@link #blackHole()} does in both. */
    public void blackHole(Direction direction) {
        gate(direction).shut();
    }

    /** Closes every present connection in order (FIN), on both sides; new ones are accepted. */
    public void drop() {
        endAll(false);
    }

    /** Resets every present connection (RST), on both sides; new ones are accepted. */
    public void reset() {
        endAll(true);
    }

    /** Resets every present connection and refuses new ones, as if no server ran. */
    public synchronized void refuse() {
        stopListening();
        reset();
    }

    /**
     * Answers no attempt to connect, as a server whose queue of connections to accept is full: the system drops them and tells
     * nobody. Present connections go on.
     */
    public synchronized void ignoreAttempts() {
        if (crowded == null) {
            stopListening();
            crowded = CrowdedListener.on(host, port);
        }
    }

    private void stopListening() {
        DisposableServer current = listener;
        listener = null;
        if (current != null) {
            current.disposeNow(CLOSE_TIME);
        }
        CrowdedListener queue = crowded;
        crowded = null;
        if (queue != null) {
            queue.close();
        }
    }

    /** Ends every fault; connections that still exist go on. */
    public synchronized void heal() {
        latency(Duration.ZERO);
        toServer.open();
        toClient.open();
        if (listener == null && !loops.isDisposed()) {
            stopListening();
            listen();
        }
    }

    /** Closes all connections and stops listening, for good. */
    @Override
    public void close() {
        refuse();
        loops.disposeLater(Duration.ZERO, CLOSE_TIME).block(CLOSE_TIME.multipliedBy(2));
    }

    private TrafficGate gate(Direction direction) {
        return direction == Direction.TO_SERVER ? toServer : toClient;
    }

    private void listen() {
        listener = TcpServer.create()
                .runOn(loops)
                .host(host)
                .port(port)
                .handle(this::accept)
                .bindNow();
    }

    private Mono<Void> accept(NettyInbound in, NettyOutbound out) {
        Connection[] client = new Connection[1];
        in.withConnection(connection -> client[0] = register(connection, clients));
        return toServer.whenOpen()
                .then(Mono.defer(this::connect))
                .flatMap(server -> relay(client[0], register(server, servers)))
                // Nobody listens at the target, and that is what the client shall see.
                .onErrorResume(refused -> Mono.fromRunnable(() -> resetOnClose(client[0].channel())));
    }

    private Mono<? extends Connection> connect() {
        return TcpClient.newConnection()
                .runOn(loops)
                .remoteAddress(() -> new InetSocketAddress(host, targetPort))
                .connect();
    }

    /**
     * Ends, and with it the client's connection, when what the server sent has come to its end. The way to the server has a life
     * of its own: that the client has gone may not get through for a long time.
     */
    private Mono<Void> relay(Connection client, Connection server) {
        server.outbound()
                .sendByteArray(toServer.pass(client.inbound().receive().asByteArray()))
                .then()
                .doFinally(signal -> server.dispose())
                .subscribe(nothing -> {}, alreadyClosed -> {});
        return client.outbound()
                .sendByteArray(toClient.pass(server.inbound().receive().asByteArray()))
                .then();
    }

    private static Connection register(Connection connection, Set<Channel> channels) {
        channels.add(connection.channel());
        connection.onDispose(() -> channels.remove(connection.channel()));
        return connection;
    }

    private void endAll(boolean abruptly) {
        List<Channel> all = Stream.concat(clients.stream(), servers.stream()).toList();
        if (abruptly) {
            // First all of them: the end of one lets the relay close the other, which would do it in order.
            all.forEach(TcpProxy::resetOnClose);
        }
        all.forEach(channel -> channel.close().awaitUninterruptibly(CLOSE_TIME.toMillis()));
    }

    private static void resetOnClose(Channel channel) {
        try {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        } catch (ChannelException e) {
            // Closed meanwhile by one of its ends; if not, the system itself has failed.
            if (channel.isOpen()) {
                throw e;
            }
        }
    }
}
