package io.github.r2dbcrouting;

import io.github.r2dbcrouting.balancing.LoadBalancer;
import io.github.r2dbcrouting.consistency.Consistency;
import io.github.r2dbcrouting.cost.CostSettings;
import io.github.r2dbcrouting.credentials.TlsMaterial;
import io.github.r2dbcrouting.dialect.DatabaseDialect;
import io.github.r2dbcrouting.error.InvalidRoutingOptionException;
import io.github.r2dbcrouting.monitor.MonitorSettings;
import io.github.r2dbcrouting.selection.ReadPreference;
import io.github.r2dbcrouting.selection.RoutingHints;
import io.github.r2dbcrouting.selection.SelectionSettings;
import io.github.r2dbcrouting.settings.ConsistencySettings;
import io.github.r2dbcrouting.settings.ConsistencySettings.SessionScope;
import io.github.r2dbcrouting.settings.ConsistencySettings.StrongReads;
import io.github.r2dbcrouting.settings.DiscoverySettings;
import io.github.r2dbcrouting.settings.ExchangeSettings;
import io.github.r2dbcrouting.settings.OptimisticSettings;
import io.github.r2dbcrouting.settings.PerNode;
import io.github.r2dbcrouting.settings.PoolSettings;
import io.github.r2dbcrouting.settings.RetrySettings;
import io.github.r2dbcrouting.settings.RoutingSettings;
import io.github.r2dbcrouting.settings.SwitchSettings;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.github.r2dbcrouting.topology.Places;
import io.r2dbc.spi.ConnectionFactoryOptions;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;

/** Makes settings of {@link RoutingOptions}. */
final class SettingsReader {

    private SettingsReader() {}

    /** Reads and checks options as they stand in a URL. */
    static ParsedOptions parse(ConnectionFactoryOptions options, List<NodeSettings> listed) {
        return parse(options, listed, null);
    }

    /**
     * Reads and checks options.
     *
     * @param listed nodes that were given one by one, besides the options
     * @param tls the source of TLS material, or {@code null} for what the driver's options name
     */
    static ParsedOptions parse(
            ConnectionFactoryOptions options, List<NodeSettings> listed, @Nullable Publisher<TlsMaterial> tls) {
        EscapedUrl.require(options);
        DatabaseDialect dialect = Dialects.of(options.getValue(ConnectionFactoryOptions.PROTOCOL));
        OptionNames.requireKnown(options, dialect);
        OptionReader reader = new OptionReader(options);
        int port = dialect.defaultPort();
        List<NodeSettings> nodes =
                NodeShares.share(NodePlaces.place(NodeList.read(options, listed, port), options, port), options, port);
        MonitorSettings monitor = monitor(reader);
        PoolSettings pool = PoolOptions.read(reader);
        SelectionSettings selection = selection(reader);
        DiscoverySettings discovery = discovery(reader);
        PerNode<PoolSettings> pools =
                PoolOptions.read(pool, new NodeValues(options, nodes, dialect.defaultPort()), discovery.mode());
        CostSettings costs = CostSettings.defaults();
        RoutingSettings settings = new RoutingSettings(
                nodes,
                discovery,
                selection,
                switches(reader),
                monitor,
                pools,
                exchanges(reader, monitor.timeout()),
                consistency(reader),
                SessionOptions.read(reader, options, longestLag(selection, nodes), monitor),
                retries(reader, RetrySettings.defaults(pools)),
                optimism(reader),
                new CostSettings(
                        reader.flag(RoutingOptions.QUERY_COST, costs.enabled()),
                        reader.positive(RoutingOptions.HEAVY_AFTER, costs.heavyAfter())),
                OutlierOptions.read(reader),
                reader.duration(RoutingOptions.IDLE_TIMEOUT, Duration.ofMinutes(1)),
                reader.duration(RoutingOptions.SECRET_CHECK_INTERVAL, Duration.ofMinutes(1)),
                reader.duration(RoutingOptions.FUNCTION_CHECK_INTERVAL, Duration.ofMinutes(5)),
                reader.integer(RoutingOptions.STATEMENT_CACHE_SIZE, 1_000));
        return new ParsedOptions(dialect, settings, driverOptions(options, dialect), LoginOptions.read(options, tls));
    }

    /** Returns how far any replica that serves reads may be behind. */
    private static Duration longestLag(SelectionSettings selection, List<NodeSettings> nodes) {
        return Stream.concat(
                        Stream.of(selection.maxLag()),
                        nodes.stream().map(NodeSettings::maxLag).filter(Objects::nonNull))
                .max(Comparator.naturalOrder())
                .orElseThrow();
    }

    private static SelectionSettings selection(OptionReader reader) {
        SelectionSettings defaults = SelectionSettings.defaults();
        Duration window = reader.optionalDuration(RoutingOptions.LATENCY_WINDOW);
        if (window != null && window.isNegative()) {
            throw new InvalidRoutingOptionException(
                    RoutingOptions.LATENCY_WINDOW.name(), "is " + window, "0 or more", "leave it out for no window");
        }
        return new SelectionSettings(
                reader.positive(RoutingOptions.MAX_LAG, defaults.maxLag()),
                reader.named(
                        RoutingOptions.READ_PREFERENCE,
                        ReadPreference.class,
                        ReadPreference::of,
                        defaults.readPreference()),
                window,
                reader.selectors(),
                reader.named(
                        RoutingOptions.LOAD_BALANCER,
                        LoadBalancer.class,
                        LoadBalancer::valueOf,
                        defaults.loadBalancer()),
                unhinted(reader));
    }

    private static DiscoverySettings discovery(OptionReader reader) {
        DiscoverySettings defaults = DiscoverySettings.defaults();
        return new DiscoverySettings(
                reader.choice(RoutingOptions.DISCOVERY, DiscoverySettings.Mode.class, defaults.mode()),
                reader.duration(RoutingOptions.DISCOVERY_INTERVAL, defaults.interval()));
    }

    private static SwitchSettings switches(OptionReader reader) {
        SwitchSettings defaults = SwitchSettings.defaults();
        return new SwitchSettings(
                reader.choice(RoutingOptions.ROUTING, SwitchSettings.Mode.class, defaults.routing()),
                reader.integer(RoutingOptions.REPLICA_SHARE, defaults.replicaShare()));
    }

    private static RoutingHints unhinted(OptionReader reader) {
        Places places = new Places(
                reader.names(RoutingOptions.TAG),
                reader.names(RoutingOptions.ZONE),
                reader.names(RoutingOptions.REGION));
        RoutingHints near = places.isAny() ? RoutingHints.NONE : RoutingHints.of(places);
        Consistency consistency = reader.optional(RoutingOptions.CONSISTENCY, Consistency.class, Consistency::valueOf);
        return consistency == null ? near : RoutingHints.of(consistency).or(near);
    }

    private static MonitorSettings monitor(OptionReader reader) {
        Duration interval = reader.positive(RoutingOptions.PROBE_INTERVAL, Duration.ofMillis(500));
        if (interval.compareTo(Duration.ofMillis(10)) < 0) {
            throw new InvalidRoutingOptionException(
                    RoutingOptions.PROBE_INTERVAL.name(), "is " + interval, "10 ms or more", "probe less often");
        }
        return new MonitorSettings(
                interval,
                reader.positive(RoutingOptions.PROBE_TIMEOUT, Duration.ofSeconds(1)),
                reader.positive(RoutingOptions.STARTUP_TIMEOUT, Duration.ofSeconds(10)));
    }

    private static ConsistencySettings consistency(OptionReader reader) {
        ConsistencySettings defaults = ConsistencySettings.defaults();
        return new ConsistencySettings(
                reader.choice(RoutingOptions.DEFAULT_SESSION, SessionScope.class, defaults.scope()),
                reader.duration(RoutingOptions.CATCH_UP_TIMEOUT, defaults.catchUpTimeout()),
                reader.choice(RoutingOptions.STRONG_READS, StrongReads.class, defaults.strongReads()),
                reader.flag(RoutingOptions.ALLOW_STALE, defaults.allowStale()));
    }

    private static OptimisticSettings optimism(OptionReader reader) {
        OptimisticSettings defaults = OptimisticSettings.defaults();
        return new OptimisticSettings(
                reader.flag(RoutingOptions.OPTIMISTIC_TRANSACTIONS, defaults.enabled()),
                reader.integer(RoutingOptions.OPTIMISTIC_MAX_BYTES, defaults.maxBytes()),
                reader.duration(RoutingOptions.OPTIMISTIC_MAX_TIME, defaults.maxTime()));
    }

    private static ExchangeSettings exchanges(OptionReader reader, Duration probeTimeout) {
        ExchangeSettings defaults = ExchangeSettings.defaults();
        return new ExchangeSettings(
                reader.duration(RoutingOptions.EXCHANGE_TIMEOUT, defaults.exchangeTimeout()),
                reader.duration(RoutingOptions.DRAIN_TIME, defaults.drainTime()),
                reader.integer(RoutingOptions.DRAIN_ROWS, defaults.drainRows()),
                reader.duration(RoutingOptions.SUSPECT_AFTER, probeTimeout));
    }

    private static RetrySettings retries(OptionReader reader, RetrySettings defaults) {
        RetrySettings.Fallback fallback = defaults.fallback();
        return new RetrySettings(
                reader.integer(RoutingOptions.RETRIES, defaults.retries()),
                reader.duration(RoutingOptions.RETRY_BACKOFF, defaults.firstBackoff()),
                reader.duration(RoutingOptions.MAX_RETRY_BACKOFF, defaults.longestBackoff()),
                reader.duration(RoutingOptions.RETRY_DEADLINE, defaults.deadline()),
                reader.integer(RoutingOptions.RETRIES_PER_SECOND, defaults.perSecond()),
                reader.number(RoutingOptions.RETRY_SHARE, defaults.share()),
                new RetrySettings.Fallback(
                        reader.integer(RoutingOptions.MAX_FALLBACK_READS, fallback.limit()),
                        reader.integer(RoutingOptions.FALLBACK_QUEUE, fallback.queue()),
                        reader.duration(RoutingOptions.FALLBACK_TIMEOUT, fallback.timeout())));
    }

    /** What the driver gets: its own options, for its own name, without any address and password. */
    private static ConnectionFactoryOptions driverOptions(ConnectionFactoryOptions options, DatabaseDialect dialect) {
        return ConnectionFactoryOptions.builder()
                .from(options, option -> OptionNames.isForDriver(option.name()))
                .option(ConnectionFactoryOptions.DRIVER, dialect.driver())
                .build();
    }
}
