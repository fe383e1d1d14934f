package io.github.r2dbcrouting;

import io.github.r2dbcrouting.balancing.LoadBalancer;
import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.selection.ReadPreference;
import io.github.r2dbcrouting.selector.NodeSelector;
import io.github.r2dbcrouting.settings.ConsistencySettings.SessionScope;
import io.github.r2dbcrouting.settings.ConsistencySettings.StrongReads;
import io.github.r2dbcrouting.settings.DiscoverySettings;
import io.github.r2dbcrouting.settings.SwitchSettings;
import io.r2dbc.spi.Option;
import java.time.Duration;
import java.util.List;

/** The routing's own options, as they stand in a URL. Everything else belongs to the driver. */
public final class RoutingOptions {

    /** The driver's name in a URL. */
    public static final String DRIVER = "routing";

    /**
     * Nodes beside those of the URL's host, as {@code host:port,host:port}. A URL holds either several host names or one
     * IPv6 literal: further IPv6 literals stand here, in brackets.
     */
    public static final Option<String> NODES = Option.valueOf("nodes");

    /**
     * Where the list of nodes comes from: {@code static}, the nodes that are named; {@code dns}, all addresses of the hosts that are named,
     * or where a name begins with an underscore all services (SRV) of it; {@code server}, those that are named and the replicas
     * that their primary knows. {@code static} unless set.
     */
    public static final Option<DiscoverySettings.Mode> DISCOVERY = Option.valueOf("discovery");

    /** How often the list of nodes is asked for; 30 s unless set. */
    public static final Option<Duration> DISCOVERY_INTERVAL = Option.valueOf("discoveryInterval");

    /** Which node is in which region, as {@code db1:5432=eu,db2:5432=us}; none is in any unless set. */
    public static final Option<String> REGIONS = Option.valueOf("regions");

    /** Which node is in which zone, as {@code db1:5432=eu-1,db2:5432=eu-2}; none is in any unless set. */
    public static final Option<String> ZONES = Option.valueOf("zones");

    /** Which node has which tags, as {@code db3:5432=analytics|ssd}; none has any unless set. */
    public static final Option<String> TAGS = Option.valueOf("tags");

    /** How far single nodes may be behind to serve reads, as {@code db3:5432=30s}; as far as all others unless set. */
    public static final Option<String> MAX_LAGS = Option.valueOf("maxLags");

    /** Which node is to serve how much, in relation to others, as {@code db1:5432=3,db2:5432=1}; each 1 unless set. */
    public static final Option<String> WEIGHTS = Option.valueOf("weights");

    /**
     * Which node serves only while none of a lower number is eligible, as {@code db3:5432=1}; each 0, which serves first, unless
     * set.
     */
    public static final Option<String> PRIORITIES = Option.valueOf("priorities");

    /**
     * On which node a read costs how much, as {@code db2:5432=2} for one that is to be taken only where the others are twice as busy
     * or slow; each 1 unless set.
     */
    public static final Option<String> COSTS = Option.valueOf("costs");

    /**
     * Where reads go that nobody gave a hint for: {@code replicaPreferred}, {@code replica}, {@code primaryPreferred},
     * {@code primary} or {@code nearest}; the first unless set. Writes go to the primary.
     */
    public static final Option<ReadPreference> READ_PREFERENCE = Option.valueOf("readPreference");

    /**
     * How much longer than that of the nearest a node's round trip may be, for it to serve while one within that window can; no
     * window unless set, but 15 ms where the nearest is preferred.
     */
    public static final Option<Duration> LATENCY_WINDOW = Option.valueOf("latencyWindow");

    /**
     * Whether reads go to replicas at the beginning, as long as nobody {@linkplain RoutingConnectionFactory#switches() switches}: {@code
     * on}, {@code off}, or {@code shadow}, which records where they would go; {@code on} unless set.
     */
    public static final Option<SwitchSettings.Mode> ROUTING = Option.valueOf("routing");

    /** How many of a hundred reads that might go to replicas do so at the beginning, 0 to 100; 100 unless set. */
    public static final Option<Integer> REPLICA_SHARE = Option.valueOf("replicaShare");

    /**
     * Whose writes a read sees that has no session in its context: {@code factory}, all of this factory; {@code connection}, those of
     * its virtual connection; {@code none}. {@code factory} unless set.
     */
    public static final Option<SessionScope> DEFAULT_SESSION = Option.valueOf("defaultSession");

    /** How long a read waits for a replica that shows what its session has seen; 50 ms unless set. */
    public static final Option<Duration> CATCH_UP_TIMEOUT = Option.valueOf("catchUpTimeout");

    /** Where reads go that must show what the primary shows now: {@code primary} or {@code replica}; the former unless set. */
    public static final Option<StrongReads> STRONG_READS = Option.valueOf("strongReads");

    /** Whether a read may miss what its session has seen while there is no primary, rather than fail; {@code false} unless set. */
    public static final Option<Boolean> ALLOW_STALE = Option.valueOf("allowStale");

    /** What reads may observe that nobody gave a hint for, by name such as {@code bounded(2s)} or as an object. */
    public static final Option<Consistency> CONSISTENCY = Option.valueOf("consistency");

    /** Rules of the user's own for which nodes may serve reads, {@link NodeSelector}s; not in a URL. */
    public static final Option<List<NodeSelector>> SELECTORS = Option.valueOf("selectors");

    /** Which tag the replicas have that serve reads first that nobody gave a hint for, several as {@code a|b}; any unless set. */
    public static final Option<String> TAG = Option.valueOf("tag");

    /** The zone whose replicas serve such reads first, several as {@code a|b}; any unless set. */
    public static final Option<String> ZONE = Option.valueOf("zone");

    /** The region whose replicas serve such reads first, several as {@code eu|us}; any unless set. */
    public static final Option<String> REGION = Option.valueOf("region");

    /** The user with which the nodes are watched; that of the statements unless set. */
    public static final Option<String> MONITOR_USER = Option.valueOf("monitorUser");

    /** The password of the monitor's user. */
    public static final Option<CharSequence> MONITOR_PASSWORD = Option.sensitiveValueOf("monitorPassword");

    /** The user with which the nodes are commanded; without it nobody commands them. */
    public static final Option<String> CONTROL_USER = Option.valueOf("controlUser");

    /** The password of the control user. */
    public static final Option<CharSequence> CONTROL_PASSWORD = Option.sensitiveValueOf("controlPassword");

    /** How often the suppliers of passwords and TLS material are asked besides at each opening; 1 min unless set. */
    public static final Option<Duration> SECRET_CHECK_INTERVAL = Option.valueOf("secretCheckInterval");

    /** How far a replica may be behind to serve reads; 5 s unless set. */
    public static final Option<Duration> MAX_LAG = Option.valueOf("maxLag");

    /** What picks among the eligible replicas, by name or as an object; {@code adaptive} unless set. */
    public static final Option<LoadBalancer> LOAD_BALANCER = Option.valueOf("loadBalancer");

    /** The time between two probes of a node; 500 ms unless set. */
    public static final Option<Duration> PROBE_INTERVAL = Option.valueOf("probeInterval");

    /** How long a probe may take; 1 s unless set. */
    public static final Option<Duration> PROBE_TIMEOUT = Option.valueOf("probeTimeout");

    /** How long the first user waits for a usable node; 10 s unless set. */
    public static final Option<Duration> STARTUP_TIMEOUT = Option.valueOf("startupTimeout");

    /**
     * How long a session reads on the primary of which it is not known what it wrote, {@link #MAX_LAG} or more; unless set, as long as
     * what a replica shows may be old: {@code maxLag + probeInterval + probeTimeout}.
     */
    public static final Option<Duration> SESSION_GRACE = Option.valueOf("sessionGrace");

    /** How many sessions are kept in the process by a key; 100,000 unless set. */
    public static final Option<Integer> MAX_SESSIONS = Option.valueOf("maxSessions");

    /** After which such a session is forgotten if nobody used it; 30 min unless set. */
    public static final Option<Duration> SESSION_TIMEOUT = Option.valueOf("sessionTimeout");

    /**
     * The keys of the tokens by which sessions go from one process to another, each of 32 characters or more, several separated by
     * commas: the first one signs, all are believed. Without any there are no tokens.
     */
    public static final Option<CharSequence> TOKEN_KEYS = Option.sensitiveValueOf("tokenKeys");

    /** A name of your own that tokens carry, for clusters that share their keys and have no name themselves, as those of MariaDB. */
    public static final Option<String> TOKEN_CLUSTER = Option.valueOf("tokenCluster");

    /** After which a token is refused; 1 h unless set. */
    public static final Option<Duration> TOKEN_LIFETIME = Option.valueOf("tokenLifetime");

    /** How long making a token may wait for the position of the last write; 100 ms unless set. */
    public static final Option<Duration> TOKEN_EXPORT_TIMEOUT = Option.valueOf("tokenExportTimeout");

    /** Connections opened when a node's pool comes to life; 0 unless set. */
    public static final Option<Integer> INITIAL_SIZE = Option.valueOf("initialSize");

    /** The same for single nodes, as {@code db1:5432=5,db2:5432=0}. */
    public static final Option<String> INITIAL_SIZES = Option.valueOf("initialSizes");

    /** How many unused connections to each node are kept ready, as far as {@link #MAX_SIZE} allows; 0 unless set. */
    public static final Option<Integer> MIN_IDLE = Option.valueOf("minIdle");

    /** The same for single nodes, as {@code db1:5432=5,db2:5432=0}. */
    public static final Option<String> MIN_IDLES = Option.valueOf("minIdles");

    /** The most connections to one node; 10 unless set. */
    public static final Option<Integer> MAX_SIZE = Option.valueOf("maxSize");

    /** The same for single nodes, as {@code db1:5432=30,db2:5432=10}. */
    public static final Option<String> MAX_SIZES = Option.valueOf("maxSizes");

    /** How long it may take to connect to single nodes, as {@code db1:5432=1s,db2:5432=5s}; the driver's {@code connectTimeout} holds for the others. */
    public static final Option<String> CONNECT_TIMEOUTS = Option.valueOf("connectTimeouts");

    /** After how long single nodes give up a statement, as {@code db1:5432=5s,db2:5432=10m}; the driver's {@code statementTimeout} holds for the others. */
    public static final Option<String> STATEMENT_TIMEOUTS = Option.valueOf("statementTimeouts");

    /** After which an unused connection is closed; 30 min unless set. */
    public static final Option<Duration> MAX_IDLE_TIME = Option.valueOf("maxIdleTime");

    /** After which a connection is closed when it comes back, less up to a fifth of it by chance; 1 h unless set. */
    public static final Option<Duration> MAX_LIFE_TIME = Option.valueOf("maxLifeTime");

    /**
     * How long reads are kept from a node whose pool has come to life, at most, while its first connections are being opened;
     * not at all unless set. It takes an {@link #INITIAL_SIZE} or {@link #MIN_IDLE}.
     */
    public static final Option<Duration> WARM_UP = Option.valueOf("warmUp");

    /** How long a statement waits for a free connection, or for a primary while there is none; 5 s unless set. */
    public static final Option<Duration> ACQUIRE_TIMEOUT = Option.valueOf("acquireTimeout");

    /** How many statements may wait for a connection to one node; 10,000 unless set. */
    public static final Option<Integer> ACQUIRE_QUEUE = Option.valueOf("acquireQueue");

    /**
     * How many statements may wait for a connection to one node before reads go to another one that would do as well and has
     * room; 0 unless set.
     */
    public static final Option<Integer> SPILL_AFTER = Option.valueOf("spillAfter");

    /** Bounds each exchange of the library's own; 5 s unless set. */
    public static final Option<Duration> EXCHANGE_TIMEOUT = Option.valueOf("exchangeTimeout");

    /** How long a cancelled exchange may go on before it is cancelled at the server; 10 ms unless set. */
    public static final Option<Duration> DRAIN_TIME = Option.valueOf("drainTime");

    /** How many rows of a cancelled exchange are thrown away before the same happens; 64 unless set. */
    public static final Option<Integer> DRAIN_ROWS = Option.valueOf("drainRows");

    /** How often at most a statement is sent again after a fault of its node; 2 unless set. */
    public static final Option<Integer> RETRIES = Option.valueOf("retries");

    /** The longest pause before the second retry, doubled with each further one; 50 ms unless set. */
    public static final Option<Duration> RETRY_BACKOFF = Option.valueOf("retryBackoff");

    /** Where that doubling ends; 1 s unless set. */
    public static final Option<Duration> MAX_RETRY_BACKOFF = Option.valueOf("maxRetryBackoff");

    /** How long after its first fault a statement may be sent again; 10 s unless set. */
    public static final Option<Duration> RETRY_DEADLINE = Option.valueOf("retryDeadline");

    /** How many retries a second the retry budget always allows; 10 unless set. */
    public static final Option<Integer> RETRIES_PER_SECOND = Option.valueOf("retriesPerSecond");

    /** How many retries it allows besides, for each statement, 0 to 1; 0.2 unless set. */
    public static final Option<Double> RETRY_SHARE = Option.valueOf("retryShare");

    /**
     * The most connections to the primary for reads that no replica can serve, no more than any node's pool has; half of {@link #MAX_SIZE},
     * or the smallest of {@link #MAX_SIZES} if that is less, unless set.
     */
    public static final Option<Integer> MAX_FALLBACK_READS = Option.valueOf("maxFallbackReads");

    /** How many more such reads may wait; 1,000 unless set. */
    public static final Option<Integer> FALLBACK_QUEUE = Option.valueOf("fallbackQueue");

    /** How long each of them waits; 1 s unless set. */
    public static final Option<Duration> FALLBACK_TIMEOUT = Option.valueOf("fallbackTimeout");

    /**
     * After how long without a sign of life, of a statement or of its node, the node is probed ahead of time; as long as a
     * probe may take unless set.
     */
    public static final Option<Duration> SUSPECT_AFTER = Option.valueOf("suspectAfter");

    /**
     * Whether reads that have been observed to cost much go to nodes with the tag {@code analytics}, if there are any, and of several to
     * the one with the least in flight; {@code false} unless set.
     */
    public static final Option<Boolean> QUERY_COST = Option.valueOf("queryCost");

    /** How long a read takes on average that costs much; 100 ms unless set. */
    public static final Option<Duration> HEAVY_AFTER = Option.valueOf("heavyAfter");

    /** Whether replicas that fail statements or are far slower than their peers are left out for a while; {@code true} unless set. */
    public static final Option<Boolean> OUTLIER_DETECTION = Option.valueOf("outlierDetection");

    /** How many statements in a row have to fail by a replica's fault for that; 5 unless set. */
    public static final Option<Integer> OUTLIER_ERRORS = Option.valueOf("outlierErrors");

    /** How many times as long as on its peers half of its statements have to take for that; 5 unless set. */
    public static final Option<Double> OUTLIER_LATENCY_FACTOR = Option.valueOf("outlierLatencyFactor");

    /** How much longer they have to take at least; 100 ms unless set. */
    public static final Option<Duration> OUTLIER_LATENCY_FLOOR = Option.valueOf("outlierLatencyFloor");

    /** For how long a replica is left out at first, doubled each time; 5 s unless set. */
    public static final Option<Duration> EJECTION_TIME = Option.valueOf("ejectionTime");

    /** Where that doubling ends; 5 min unless set. */
    public static final Option<Duration> MAX_EJECTION_TIME = Option.valueOf("maxEjectionTime");

    /** Fewer than this share of the replicas are left out at a time, though one of two may be; 0.5 unless set. */
    public static final Option<Double> MAX_EJECTED_SHARE = Option.valueOf("maxEjectedShare");

    /** How often a node may come, go or restart within {@link #FLAP_WINDOW} without being held back; 3 unless set. */
    public static final Option<Integer> FLAP_CHANGES = Option.valueOf("flapChanges");

    /** The time for which such changes are counted, and for which a node must be stable that is held back; 30 s unless set. */
    public static final Option<Duration> FLAP_WINDOW = Option.valueOf("flapWindow");

    /** Whether transactions begin on a replica and move to the primary with their first write; {@code false} unless set. */
    public static final Option<Boolean> OPTIMISTIC_TRANSACTIONS = Option.valueOf("optimisticTransactions");

    /** How many bytes such a transaction may have read and recorded before it moves anyway; 1,048,576 unless set. */
    public static final Option<Integer> OPTIMISTIC_MAX_BYTES = Option.valueOf("optimisticMaxBytes");

    /** How long such a transaction stays on a replica, and how long its move may take at most; 30 s unless set. */
    public static final Option<Duration> OPTIMISTIC_MAX_TIME = Option.valueOf("optimisticMaxTime");

    /** After which a factory without an open connection rests; 1 min unless set. */
    public static final Option<Duration> IDLE_TIMEOUT = Option.valueOf("idleTimeout");

    /**
     * How often the database is asked what its functions do, besides at the start, when a statement calls one that is not known
     * and after a change of the schema; 5 min unless set.
     */
    public static final Option<Duration> FUNCTION_CHECK_INTERVAL = Option.valueOf("functionCheckInterval");

    /** How many texts are remembered with what they do; 1,000 unless set. */
    public static final Option<Integer> STATEMENT_CACHE_SIZE = Option.valueOf("statementCacheSize");

    private static final List<Option<?>> ALL = List.of(
            NODES,
            REGIONS,
            ZONES,
            TAGS,
            WEIGHTS,
            PRIORITIES,
            COSTS,
            READ_PREFERENCE,
            LATENCY_WINDOW,
            SELECTORS,
            ROUTING,
            REPLICA_SHARE,
            CONSISTENCY,
            DEFAULT_SESSION,
            CATCH_UP_TIMEOUT,
            STRONG_READS,
            ALLOW_STALE,
            TAG,
            ZONE,
            REGION,
            DISCOVERY,
            DISCOVERY_INTERVAL,
            MONITOR_USER,
            MONITOR_PASSWORD,
            CONTROL_USER,
            CONTROL_PASSWORD,
            SECRET_CHECK_INTERVAL,
            MAX_LAG,
            MAX_LAGS,
            LOAD_BALANCER,
            PROBE_INTERVAL,
            PROBE_TIMEOUT,
            STARTUP_TIMEOUT,
            SESSION_GRACE,
            MAX_SESSIONS,
            SESSION_TIMEOUT,
            TOKEN_KEYS,
            TOKEN_CLUSTER,
            TOKEN_LIFETIME,
            TOKEN_EXPORT_TIMEOUT,
            INITIAL_SIZE,
            INITIAL_SIZES,
            MIN_IDLE,
            MIN_IDLES,
            MAX_SIZE,
            MAX_SIZES,
            CONNECT_TIMEOUTS,
            STATEMENT_TIMEOUTS,
            MAX_IDLE_TIME,
            MAX_LIFE_TIME,
            WARM_UP,
            ACQUIRE_TIMEOUT,
            ACQUIRE_QUEUE,
            SPILL_AFTER,
            EXCHANGE_TIMEOUT,
            DRAIN_TIME,
            DRAIN_ROWS,
            RETRIES,
            RETRY_BACKOFF,
            MAX_RETRY_BACKOFF,
            RETRY_DEADLINE,
            RETRIES_PER_SECOND,
            RETRY_SHARE,
            MAX_FALLBACK_READS,
            FALLBACK_QUEUE,
            FALLBACK_TIMEOUT,
            SUSPECT_AFTER,
            QUERY_COST,
            HEAVY_AFTER,
            OUTLIER_DETECTION,
            OUTLIER_ERRORS,
            OUTLIER_LATENCY_FACTOR,
            OUTLIER_LATENCY_FLOOR,
            EJECTION_TIME,
            MAX_EJECTION_TIME,
            MAX_EJECTED_SHARE,
            FLAP_CHANGES,
            FLAP_WINDOW,
            OPTIMISTIC_TRANSACTIONS,
            OPTIMISTIC_MAX_BYTES,
            OPTIMISTIC_MAX_TIME,
            IDLE_TIMEOUT,
            FUNCTION_CHECK_INTERVAL,
            STATEMENT_CACHE_SIZE);

    private RoutingOptions() {}

    static List<Option<?>> all() {
        return ALL;
    }
}
