package io.github.r2dbcrouting;

import io.github.r2dbcrouting.balancing.LoadBalancer;
import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.credentials.PasswordSource;
import io.github.r2dbcrouting.credentials.TlsMaterial;
import io.github.r2dbcrouting.discovery.NodeDiscovery;
import io.github.r2dbcrouting.discovery.ReplicaMapper;
import io.github.r2dbcrouting.selection.ReadPreference;
import io.github.r2dbcrouting.selector.NodeSelector;
import io.github.r2dbcrouting.services.PrimaryAdmission;
import io.github.r2dbcrouting.services.RouteListener;
import io.github.r2dbcrouting.settings.ConsistencySettings.SessionScope;
import io.github.r2dbcrouting.settings.DiscoverySettings;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.r2dbc.spi.ConnectionFactoryOptions;
import io.r2dbc.spi.Option;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;

/**
 * Builds a {@link RoutingConnectionFactory}. It sets the same options that a URL has, and checks them when it builds; not
 * safe for concurrent use.
 */
public final class RoutingConnectionFactoryBuilder {

    private final ConnectionFactoryOptions.Builder options =
            ConnectionFactoryOptions.builder().option(ConnectionFactoryOptions.DRIVER, RoutingOptions.DRIVER);
    private final List<NodeSettings> nodes = new ArrayList<>();
    private final Map<Option<String>, String> own = new HashMap<>();
    private final List<NodeSelector> selectors = new ArrayList<>();
    private RouteListener listener = route -> {};
    private @Nullable NodeDiscovery discovery;
    private ReplicaMapper mapper = ReplicaMapper.usual();
    private PrimaryAdmission admission = PrimaryAdmission.open();
    private @Nullable Publisher<TlsMaterial> tls;

    RoutingConnectionFactoryBuilder() {}

    /** Sets the database by its driver's name in URLs: {@code postgresql} or {@code mariadb}. */
    public RoutingConnectionFactoryBuilder driver(String driver) {
        return option(ConnectionFactoryOptions.PROTOCOL, driver);
    }

    /**
     * Adds a node that is named {@code host:port}.
     *
     * @throws io.github.r2dbcrouting.error.InvalidRoutingOptionException if host, port or name cannot be used
     */
    public RoutingConnectionFactoryBuilder node(String host, int port) {
        nodes.add(NodeList.single(null, host, port));
        return this;
    }

    /**
     * Adds a node by a name of its own.
     *
     * @throws io.github.r2dbcrouting.error.InvalidRoutingOptionException if host, port or name cannot be used
     */
    public RoutingConnectionFactoryBuilder node(String name, String host, int port) {
        nodes.add(NodeList.single(name, host, port));
        return this;
    }

    public RoutingConnectionFactoryBuilder database(String database) {
        return option(ConnectionFactoryOptions.DATABASE, database);
    }

    public RoutingConnectionFactoryBuilder credentials(String user, CharSequence password) {
        return option(ConnectionFactoryOptions.USER, user).option(ConnectionFactoryOptions.PASSWORD, password);
    }

    /** Sets the credentials with which the nodes are watched; those of the statements unless set. */
    public RoutingConnectionFactoryBuilder monitorCredentials(String user, CharSequence password) {
        return option(RoutingOptions.MONITOR_USER, user).option(RoutingOptions.MONITOR_PASSWORD, password);
    }

    /** Sets credentials whose password comes from a supplier. */
    public RoutingConnectionFactoryBuilder credentials(String user, PasswordSource password) {
        return option(ConnectionFactoryOptions.USER, user).source(ConnectionFactoryOptions.PASSWORD, password);
    }

    /** Sets the monitor's credentials, with a password that comes from a supplier. */
    public RoutingConnectionFactoryBuilder monitorCredentials(String user, PasswordSource password) {
        return option(RoutingOptions.MONITOR_USER, user).source(RoutingOptions.MONITOR_PASSWORD, password);
    }

    /** Sets the credentials with which the nodes are commanded. Without them nobody commands them. */
    public RoutingConnectionFactoryBuilder controlCredentials(String user, CharSequence password) {
        return controlCredentials(user, PasswordSource.of(password));
    }

    /** Sets the control user's credentials, with a password that comes from a supplier. */
    public RoutingConnectionFactoryBuilder controlCredentials(String user, PasswordSource password) {
        return option(RoutingOptions.CONTROL_USER, user).source(RoutingOptions.CONTROL_PASSWORD, password);
    }

    @SuppressWarnings("unchecked") // An option's value may be any object for whoever reads it by name.
    private RoutingConnectionFactoryBuilder source(Option<CharSequence> option, PasswordSource password) {
        return option((Option<Object>) (Option<?>) option, password);
    }

    /**
     * Sets where the TLS material comes from, in the place of that in the files which the driver's options name. Certificate
     * and host name of a node are verified then, unless the driver's {@code sslMode} says otherwise. When another one comes
     * and a node has accepted it, its connections are opened anew.
     *
     * @param material subscribed to for each opening, and now and then in between; its first element counts. It must be cold;
     *     it may block, on a thread of Reactor's {@code boundedElastic} scheduler
     */
    public RoutingConnectionFactoryBuilder tls(Publisher<TlsMaterial> material) {
        tls = material;
        return this;
    }

    /** Sets TLS material that stays the same. */
    public RoutingConnectionFactoryBuilder tls(TlsMaterial material) {
        return tls(Mono.just(material));
    }

    /** Sets how far a replica may be behind to serve reads; 5 s unless set. */
    public RoutingConnectionFactoryBuilder maxLag(Duration maxLag) {
        return option(RoutingOptions.MAX_LAG, maxLag);
    }

    /**
     * Says in which region nodes are.
     *
     * @param region a name of your own, which hints may ask for
     * @param names the names of nodes, {@code host:port} unless they were given others
     */
    public RoutingConnectionFactoryBuilder nodesIn(String region, String... names) {
        for (String name : names) {
            own(RoutingOptions.REGIONS, name, region);
        }
        return this;
    }

    /**
     * Sets how much a node serves in relation to others; 1 unless set.
     *
     * @param node its name, {@code host:port} unless it was given another
     * @param weight 1 to {@value io.github.r2dbcrouting.topology.NodeShare#MOST_WEIGHT}
     */
    public RoutingConnectionFactoryBuilder weight(String node, int weight) {
        return own(RoutingOptions.WEIGHTS, node, weight);
    }

    /**
     * Sets after which others a node serves: only while none of a lower number is eligible; 0, which serves first, unless set.
     *
     * @param node its name, {@code host:port} unless it was given another
     * @param priority 0 to {@value io.github.r2dbcrouting.topology.NodeShare#LAST_PRIORITY}
     */
    public RoutingConnectionFactoryBuilder priority(String node, int priority) {
        return own(RoutingOptions.PRIORITIES, node, priority);
    }

    /**
     * Sets what a read on a node costs in relation to others; 1 unless set, 2 for a node that is to be taken only where the others
     * are twice as busy or slow.
     *
     * @param node its name, {@code host:port} unless it was given another
     * @param cost more than 0, at most {@value io.github.r2dbcrouting.topology.NodeShare#MOST_COST}
     */
    public RoutingConnectionFactoryBuilder cost(String node, double cost) {
        return own(RoutingOptions.COSTS, node, cost);
    }

    /**
     * Says in which zone nodes are.
     *
     * @param names the names of nodes, {@code host:port} unless they were given others
     */
    public RoutingConnectionFactoryBuilder nodesInZone(String zone, String... names) {
        for (String name : names) {
            own(RoutingOptions.ZONES, name, zone);
        }
        return this;
    }

    /**
     * Says what a node is for.
     *
     * @param node its name, {@code host:port} unless it was given another
     */
    public RoutingConnectionFactoryBuilder tags(String node, String... tags) {
        return own(RoutingOptions.TAGS, node, String.join("|", tags));
    }

    /** Sets how far a node may be behind to serve reads that may be as far behind as no other. */
    public RoutingConnectionFactoryBuilder maxLag(String node, Duration maxLag) {
        return own(RoutingOptions.MAX_LAGS, node, maxLag);
    }

    /** Sets where reads go that nobody gave a hint for; {@link ReadPreference#REPLICA_PREFERRED} unless set. */
    public RoutingConnectionFactoryBuilder readPreference(ReadPreference preference) {
        return option(RoutingOptions.READ_PREFERENCE, preference);
    }

    /**
     * Sets how much longer than that of the nearest a node's round trip may be, for it to serve while one within that window can; no
     * window unless set, but 15 ms where the nearest is preferred.
     */
    public RoutingConnectionFactoryBuilder latencyWindow(Duration window) {
        return option(RoutingOptions.LATENCY_WINDOW, window);
    }

    /** Adds a rule of your own for which nodes may serve reads; it is asked after all others, once for each snapshot. */
    public RoutingConnectionFactoryBuilder selector(NodeSelector selector) {
        selectors.add(selector);
        return option(RoutingOptions.SELECTORS, List.copyOf(selectors));
    }

    /** Sets what reads may observe that nobody gave a hint for. */
    public RoutingConnectionFactoryBuilder consistency(Consistency consistency) {
        return option(RoutingOptions.CONSISTENCY, consistency);
    }

    /** Sets whose writes a read sees that has no session in its context; those of the whole factory unless set. */
    public RoutingConnectionFactoryBuilder defaultSession(SessionScope scope) {
        return option(RoutingOptions.DEFAULT_SESSION, scope);
    }

    /** Sets how long a read waits for a replica that shows what its session has seen, before it goes to the primary; 50 ms unless set. */
    public RoutingConnectionFactoryBuilder catchUpTimeout(Duration timeout) {
        return option(RoutingOptions.CATCH_UP_TIMEOUT, timeout);
    }

    /** Sets the regions whose replicas serve reads first that nobody gave a hint for, the dearest first. */
    public RoutingConnectionFactoryBuilder region(String... regions) {
        return option(RoutingOptions.REGION, String.join("|", regions));
    }

    /** Sets the zones whose replicas serve such reads first, the dearest first. */
    public RoutingConnectionFactoryBuilder zone(String... zones) {
        return option(RoutingOptions.ZONE, String.join("|", zones));
    }

    /** Sets the tags of the replicas that serve such reads first, the dearest first. */
    public RoutingConnectionFactoryBuilder tag(String... tags) {
        return option(RoutingOptions.TAG, String.join("|", tags));
    }

    /** Sets what picks among the eligible replicas; {@link LoadBalancer#adaptive()} unless set. */
    public RoutingConnectionFactoryBuilder loadBalancer(LoadBalancer loadBalancer) {
        return option(RoutingOptions.LOAD_BALANCER, loadBalancer);
    }

    /** Sets the time between two probes of a node; 500 ms unless set. */
    public RoutingConnectionFactoryBuilder probeInterval(Duration interval) {
        return option(RoutingOptions.PROBE_INTERVAL, interval);
    }

    /**
     * Sets the keys of the tokens by which sessions go from one process to another, each of 32 characters or more; the first one
     * signs, all are believed. To change a key without refusing a token, give every process {@code (old, fresh)}, then every process
     * {@code (fresh, old)}, and when the tokens of the old one have expired, {@code (fresh)}.
     */
    public RoutingConnectionFactoryBuilder tokenKeys(CharSequence... keys) {
        return option(RoutingOptions.TOKEN_KEYS, String.join(",", keys));
    }

    /** Sets the most connections to one node; 10 unless set. */
    public RoutingConnectionFactoryBuilder maxSize(int maxSize) {
        return option(RoutingOptions.MAX_SIZE, maxSize);
    }

    /** Sets the most connections to a node that has as many as no other. */
    public RoutingConnectionFactoryBuilder maxSize(String node, int maxSize) {
        return own(RoutingOptions.MAX_SIZES, node, maxSize);
    }

    /** Sets how many connections to each node are opened when its pool comes to life; none unless set. */
    public RoutingConnectionFactoryBuilder initialSize(int initialSize) {
        return option(RoutingOptions.INITIAL_SIZE, initialSize);
    }

    /** Sets how many are for a node that has as many as no other. */
    public RoutingConnectionFactoryBuilder initialSize(String node, int initialSize) {
        return own(RoutingOptions.INITIAL_SIZES, node, initialSize);
    }

    /** Sets how many unused connections to each node are kept ready; none unless set. */
    public RoutingConnectionFactoryBuilder minIdle(int minIdle) {
        return option(RoutingOptions.MIN_IDLE, minIdle);
    }

    /** Sets how many are for a node that has as many as no other. */
    public RoutingConnectionFactoryBuilder minIdle(String node, int minIdle) {
        return own(RoutingOptions.MIN_IDLES, node, minIdle);
    }

    /**
     * Sets how long reads are kept at most from a node that has come, or come back, while its first connections are being opened;
     * not at all unless set. It takes an initial size, or unused connections to keep.
     */
    public RoutingConnectionFactoryBuilder warmUp(Duration limit) {
        return option(RoutingOptions.WARM_UP, limit);
    }

    /** Sets how long it may take to connect to a node by TCP; what the driver's options say unless set. */
    public RoutingConnectionFactoryBuilder connectTimeout(String node, Duration timeout) {
        return own(RoutingOptions.CONNECT_TIMEOUTS, node, timeout);
    }

    /** Sets after how long a node gives up a statement; what the driver's options say unless set. */
    public RoutingConnectionFactoryBuilder statementTimeout(String node, Duration timeout) {
        return own(RoutingOptions.STATEMENT_TIMEOUTS, node, timeout);
    }

    private RoutingConnectionFactoryBuilder own(Option<String> option, String node, Object value) {
        String given = own.merge(option, node + "=" + value, (before, more) -> before + "," + more);
        return option(option, given);
    }

    /**
     * Sets whether transactions that are not declared read-only begin on a replica too, and move to the primary with their first
     * write; they do not unless set. See {@code docs/transactions.md} for what that takes of a caller.
     */
    public RoutingConnectionFactoryBuilder optimisticTransactions(boolean optimistic) {
        return option(RoutingOptions.OPTIMISTIC_TRANSACTIONS, optimistic);
    }

    /**
     * Sets a source of the list of nodes, which is asked every {@code discoveryInterval}. Nodes that are named besides stay.
     */
    public RoutingConnectionFactoryBuilder discovery(NodeDiscovery source) {
        discovery = source;
        return option(RoutingOptions.DISCOVERY, DiscoverySettings.Mode.OWN);
    }

    /**
     * Has the primary asked for its replicas, every {@code discoveryInterval}.
     *
     * @param mapper tells where a replica is found, such as {@link ReplicaMapper#usual()}
     */
    public RoutingConnectionFactoryBuilder discoverReplicas(ReplicaMapper mapper) {
        this.mapper = mapper;
        return option(RoutingOptions.DISCOVERY, DiscoverySettings.Mode.SERVER);
    }

    /** Is told of each statement just before it is sent, on the path of the statement: it must not block or fail. */
    public RoutingConnectionFactoryBuilder routeListener(RouteListener told) {
        listener = told;
        return this;
    }

    /** Sets the gate before the primary. It is opened and closed by what promotes nodes, which no user does. */
    RoutingConnectionFactoryBuilder primaryAdmission(PrimaryAdmission gate) {
        admission = gate;
        return this;
    }

    /** Sets any option of the routing or of the driver. */
    public <T> RoutingConnectionFactoryBuilder option(Option<T> option, T value) {
        options.option(option, value);
        return this;
    }

    /**
     * Builds the factory; nothing is opened yet.
     *
     * @throws io.github.r2dbcrouting.error.InvalidRoutingOptionException if an option is unknown, out of range, or
     *     contradicts another; the message names it and says what to do
     */
    public RoutingConnectionFactory build() {
        return RoutingAssembly.assemble(
                SettingsReader.parse(options.build(), nodes, tls),
                new Extensions(listener, admission, discovery, mapper));
    }
}
