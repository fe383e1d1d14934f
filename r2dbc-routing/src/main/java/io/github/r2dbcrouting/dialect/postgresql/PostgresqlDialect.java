package io.github.r2dbcrouting.dialect.postgresql;

import io.github.r2dbcrouting.credentials.MissingPrivilege;
import io.github.r2dbcrouting.credentials.TlsMaterial;
import io.github.r2dbcrouting.dialect.ConnectionPurpose;
import io.github.r2dbcrouting.dialect.ConnectionSetUp;
import io.github.r2dbcrouting.dialect.DatabaseDialect;
import io.github.r2dbcrouting.dialect.ErrorKind;
import io.github.r2dbcrouting.dialect.ReportedReplica;
import io.github.r2dbcrouting.dialect.ServerVersion;
import io.github.r2dbcrouting.monitor.ProbeResult;
import io.github.r2dbcrouting.position.Lineage;
import io.github.r2dbcrouting.position.LogLineage;
import io.github.r2dbcrouting.position.PositionBound;
import io.github.r2dbcrouting.sql.FunctionCatalog;
import io.github.r2dbcrouting.sql.SqlDialect;
import io.github.r2dbcrouting.topology.NodeProblem;
import io.netty.handler.ssl.SslContextBuilder;
import io.r2dbc.postgresql.PostgresqlConnectionFactoryProvider;
import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.ConnectionFactoryOptions;
import io.r2dbc.spi.ConnectionMetadata;
import io.r2dbc.spi.IsolationLevel;
import io.r2dbc.spi.Option;
import io.r2dbc.spi.R2dbcException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** PostgreSQL 12 and later, by org.postgresql:r2dbc-postgresql. */
public final class PostgresqlDialect implements DatabaseDialect {

    /** Of those before, the probe would not understand the answers. */
    private static final ServerVersion OLDEST = new ServerVersion(12, 0);

    private static final Option<String> APPLICATION_NAME = Option.valueOf("applicationName");
    private static final Option<Map<String, String>> OPTIONS = Option.valueOf("options");

    /**
     * What {@code DISCARD ALL} does, less what would take away the statements that the driver has prepared and goes on
     * using. Names that the user prepared in SQL remain, so the last answer tells whether there are any.
     */
    private static final String RESET = "RESET SESSION AUTHORIZATION; RESET ALL; CLOSE ALL; UNLISTEN *;"
            + " SELECT pg_advisory_unlock_all(); DISCARD TEMP; DISCARD SEQUENCES;"
            + " SELECT count(*) FROM pg_prepared_statements WHERE from_sql";

    @Override
    public String driver() {
        return "postgresql";
    }

    @Override
    public String productName() {
        return "PostgreSQL";
    }

    @Override
    public String driverArtifact() {
        return "org.postgresql:r2dbc-postgresql";
    }

    @Override
    public String driverProviderClass() {
        return "io.r2dbc.postgresql.PostgresqlConnectionFactoryProvider";
    }

    @Override
    public Set<String> takenOver() {
        return Set.of("targetServerType", "hostRecheckTime", "loadBalanceHosts", "socket");
    }

    @Override
    public int defaultPort() {
        return 5432;
    }

    @Override
    public SqlDialect sqlDialect() {
        return SqlDialect.POSTGRESQL;
    }

    /** A hot standby refuses serializable mode: it does not know of the conflicts on the primary. */
    @Override
    public boolean replicasOffer(IsolationLevel level) {
        return !level.equals(IsolationLevel.SERIALIZABLE);
    }

    @Override
    public IsolationLevel defaultIsolationLevel() {
        return IsolationLevel.READ_COMMITTED;
    }

    @Override
    public ConnectionFactoryOptions options(ConnectionFactoryOptions node, ConnectionPurpose purpose) {
        ConnectionFactoryOptions.Builder builder = node.mutate();
        if (purpose == ConnectionPurpose.REPLICA) {
            builder.option(OPTIONS, with(node, "default_transaction_read_only", "on"));
        }
        if (purpose == ConnectionPurpose.MONITOR && !node.hasOption(APPLICATION_NAME)) {
            builder.option(APPLICATION_NAME, "r2dbc-routing monitor");
        }
        return builder.build();
    }

    @Override
    public ConnectionFactory factory(ConnectionFactoryOptions options) {
        return new PostgresqlConnectionFactoryProvider().create(options);
    }

    @Override
    public boolean asksForPassword() {
        return true;
    }

    @Override
    public ConnectionFactoryOptions secured(ConnectionFactoryOptions options, TlsMaterial material) {
        boolean saysHow = options.hasOption(PostgresqlConnectionFactoryProvider.SSL_MODE)
                || options.hasOption(PostgresqlConnectionFactoryProvider.SSL_MODE_ALIAS)
                || options.hasOption(ConnectionFactoryOptions.SSL);
        ConnectionFactoryOptions.Builder builder = options.mutate()
                .option(
                        PostgresqlConnectionFactoryProvider.SSL_CONTEXT_BUILDER_CUSTOMIZER,
                        customizer(options).compose(context -> trusting(material, context)));
        return saysHow
                ? builder.build()
                : builder.option(Option.valueOf("sslMode"), "verify-full").build();
    }

    @SuppressWarnings("unchecked") // The only type that the driver takes.
    private static Function<SslContextBuilder, SslContextBuilder> customizer(ConnectionFactoryOptions options) {
        Object given = options.getValue(PostgresqlConnectionFactoryProvider.SSL_CONTEXT_BUILDER_CUSTOMIZER);
        return given == null ? Function.identity() : (Function<SslContextBuilder, SslContextBuilder>) given;
    }

    /** The driver calls this for each connection, always with the same builder. */
    private static SslContextBuilder trusting(TlsMaterial material, SslContextBuilder context) {
        return context.trustManager(material.trust()).keyManager(material.key());
    }

    /** The driver takes server settings as a map, or in a URL as {@code name=value;name=value}. */
    private static Map<String, String> with(ConnectionFactoryOptions node, String name, String value) {
        Map<String, String> settings = new LinkedHashMap<>();
        Object given = node.getValue(OPTIONS);
        if (given instanceof Map<?, ?> map) {
            map.forEach((key, setting) -> settings.put(String.valueOf(key), String.valueOf(setting)));
        } else if (given instanceof String text) {
            for (String pair : text.split(";", -1)) {
                String[] parts = pair.split("=", 2);
                if (parts.length == 2) {
                    settings.put(parts[0].trim(), parts[1].trim());
                }
            }
        }
        settings.put(name, value);
        return settings;
    }

    @Override
    public boolean sendsWhenConsumed() {
        return true;
    }

    @Override
    public @Nullable NodeProblem unfit(ConnectionMetadata server) {
        return ServerVersion.parse(server.getDatabaseVersion()).compareTo(OLDEST) < 0
                ? NodeProblem.unfit(
                        "runs PostgreSQL " + server.getDatabaseVersion(),
                        "PostgreSQL " + OLDEST.major() + " or later",
                        "upgrade the server or remove it from the nodes")
                : null;
    }

    @Override
    public Mono<ProbeAnswer> probe(Connection connection, boolean reconnected) {
        return Flux.from(connection.createStatement(PostgresqlProbe.SQL).execute())
                .concatMap(result -> result.map((row, metadata) -> PostgresqlProbe.read(row, reconnected)))
                .single();
    }

    @Override
    public Mono<Void> awaitReplay(Connection connection, PositionBound bound) {
        String sql = PostgresqlWait.sql(connection.getMetadata().getDatabaseVersion(), bound);
        return sql == null ? Mono.empty() : one(connection, sql, String.class).then();
    }

    @Override
    public Mono<Lineage> lineage(Connection connection, ProbeResult primary) {
        if (!(primary.lineage() instanceof LogLineage known) || known.isComplete()) {
            return Mono.empty();
        }
        return one(connection, "SELECT " + PostgresqlPrivileges.READS_HISTORY, Boolean.class)
                .filter(may -> may)
                .flatMap(may -> one(connection, PostgresqlProbe.HISTORY_SQL.formatted(known.timeline()), String.class))
                .map(file -> PostgresqlProbe.readHistory(known.timeline(), file).with(known));
    }

    private static <T> Mono<T> one(Connection connection, String sql, Class<T> type) {
        return Flux.defer(() -> connection.createStatement(sql).execute())
                .concatMap(result -> result.map((row, metadata) -> Optional.ofNullable(row.get(0, type))))
                .singleOrEmpty()
                .flatMap(Mono::justOrEmpty);
    }

    @Override
    public Mono<List<MissingPrivilege>> missingPrivileges(Connection connection, ConnectionPurpose purpose) {
        List<PostgresqlPrivileges> needed =
                PostgresqlPrivileges.of(purpose, connection.getMetadata().getDatabaseVersion());
        return Flux.from(connection
                        .createStatement(PostgresqlPrivileges.sql(needed))
                        .execute())
                .concatMap(result -> result.map((row, metadata) -> PostgresqlPrivileges.missing(needed, row)))
                .single();
    }

    @Override
    public Mono<List<ReportedReplica>> replicas(Connection connection) {
        return Flux.defer(
                        () -> connection.createStatement(PostgresqlReplicas.SQL).execute())
                .concatMap(result -> result.map((row, metadata) -> PostgresqlReplicas.read(row)))
                .collectList();
    }

    @Override
    public Mono<FunctionCatalog> functions(Connection connection) {
        return Flux.from(connection.createStatement(PostgresqlFunctions.SQL).execute())
                .concatMap(result -> result.map((row, metadata) -> PostgresqlFunctions.read(row)))
                .concatMapIterable(names -> names::iterator)
                .collectList()
                .map(FunctionCatalog::of);
    }

    @Override
    public Mono<ConnectionSetUp> setUp(Connection connection) {
        return Flux.from(connection.createStatement(PostgresqlProbe.SET_UP_SQL).execute())
                .concatMap(result -> result.map((row, metadata) -> PostgresqlProbe.readSetUp(row)))
                .single();
    }

    @Override
    public Mono<Boolean> isGone(Connection connection, long backendId) {
        return Flux.defer(() -> connection
                        .createStatement(PostgresqlProbe.GONE_SQL + backendId)
                        .execute())
                .concatMap(result -> result.map((row, metadata) -> Boolean.TRUE.equals(row.get(0, Boolean.class))))
                .single();
    }

    @Override
    public Mono<Boolean> reset(Connection connection) {
        Mono<Void> rollback = Mono.defer(
                () -> connection.isAutoCommit() ? Mono.empty() : Mono.from(connection.rollbackTransaction()));
        return rollback.thenMany(
                        Flux.defer(() -> connection.createStatement(RESET).execute()))
                .concatMap(result -> result.map((row, metadata) -> row.get(0)))
                .last()
                .map(prepared -> prepared instanceof Number count && count.longValue() == 0);
    }

    /** The driver's cancel request ends when the server closes its socket, after it has signalled the backend. */
    @Override
    public Mono<Void> cancel(Connection target, long backendId, Mono<? extends Connection> monitor) {
        return target instanceof PostgresqlConnection postgresql
                ? postgresql.cancelRequest()
                : Mono.error(new IllegalStateException("not a connection of r2dbc-postgresql: " + target.getClass()));
    }

    @Override
    public ErrorKind classify(R2dbcException error) {
        return PostgresqlErrors.classify(error);
    }
}
