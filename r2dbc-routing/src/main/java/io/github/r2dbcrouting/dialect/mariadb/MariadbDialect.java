package io.github.r2dbcrouting.dialect.mariadb;

import io.github.r2dbcrouting.credentials.MissingPrivilege;
import io.github.r2dbcrouting.credentials.TlsMaterial;
import io.github.r2dbcrouting.dialect.ConnectionPurpose;
import io.github.r2dbcrouting.dialect.ConnectionSetUp;
import io.github.r2dbcrouting.dialect.DatabaseDialect;
import io.github.r2dbcrouting.dialect.ErrorKind;
import io.github.r2dbcrouting.dialect.ReportedReplica;
import io.github.r2dbcrouting.dialect.ServerVersion;
import io.github.r2dbcrouting.sql.FunctionCatalog;
import io.github.r2dbcrouting.sql.SqlDialect;
import io.github.r2dbcrouting.topology.NodeProblem;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.topology.ReplicationLink;
import io.netty.handler.ssl.SslContextBuilder;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.ConnectionFactoryOptions;
import io.r2dbc.spi.ConnectionMetadata;
import io.r2dbc.spi.IsolationLevel;
import io.r2dbc.spi.Option;
import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.Row;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.mariadb.r2dbc.MariadbConnectionFactoryProvider;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** MariaDB 10.6 and later with GTID replication, by org.mariadb:r2dbc-mariadb. */
public final class MariadbDialect implements DatabaseDialect {

    /** Of those before, the probe would not understand the answers. */
    private static final ServerVersion OLDEST = new ServerVersion(10, 6);

    private static final Option<String> SESSION_VARIABLES = Option.valueOf("sessionVariables");

    @Override
    public String driver() {
        return "mariadb";
    }

    @Override
    public String productName() {
        return "MariaDB";
    }

    @Override
    public String driverArtifact() {
        return "org.mariadb:r2dbc-mariadb";
    }

    @Override
    public String driverProviderClass() {
        return "org.mariadb.r2dbc.MariadbConnectionFactoryProvider";
    }

    @Override
    public Set<String> takenOver() {
        return Set.of("haMode", "transactionReplay", "socket");
    }

    @Override
    public int defaultPort() {
        return 3306;
    }

    @Override
    public SqlDialect sqlDialect() {
        return SqlDialect.MARIADB;
    }

    @Override
    public IsolationLevel defaultIsolationLevel() {
        return IsolationLevel.REPEATABLE_READ;
    }

    /** The monitor and the control user speak of the server and need no database, and so no right to enter one. */
    @Override
    public ConnectionFactoryOptions options(ConnectionFactoryOptions node, ConnectionPurpose purpose) {
        return switch (purpose) {
            case PRIMARY -> limited(node);
            case REPLICA -> with("transaction_read_only=1", limited(node));
            case MONITOR, CONTROL ->
                ConnectionFactoryOptions.builder()
                        .from(node, option -> !option.equals(ConnectionFactoryOptions.DATABASE))
                        .build();
        };
    }

    @Override
    public ConnectionFactory factory(ConnectionFactoryOptions options) {
        return new MariadbConnectionFactoryProvider().create(options);
    }

    @Override
    public boolean asksForPassword() {
        return false;
    }

    /** Without a file the driver wants to be told that the runtime's trust will do, which is then replaced. */
    @Override
    public ConnectionFactoryOptions secured(ConnectionFactoryOptions options, TlsMaterial material) {
        UnaryOperator<SslContextBuilder> given = customizer(options);
        ConnectionFactoryOptions.Builder builder = options.mutate()
                .option(MariadbConnectionFactoryProvider.FALLBACK_TO_SYSTEM_TRUST_STORE, true)
                .option(
                        MariadbConnectionFactoryProvider.SSL_CONTEXT_BUILDER_CUSTOMIZER,
                        context -> given.apply(
                                context.trustManager(material.trust()).keyManager(material.key())));
        return options.hasOption(MariadbConnectionFactoryProvider.SSL_MODE)
                ? builder.build()
                : builder.option(MariadbConnectionFactoryProvider.SSL_MODE, "verify-full")
                        .build();
    }

    @SuppressWarnings("unchecked") // The only type that the driver takes.
    private static UnaryOperator<SslContextBuilder> customizer(ConnectionFactoryOptions options) {
        Object given = options.getValue(MariadbConnectionFactoryProvider.SSL_CONTEXT_BUILDER_CUSTOMIZER);
        return given == null ? UnaryOperator.identity() : (UnaryOperator<SslContextBuilder>) given;
    }

    /** The driver takes the option and does nothing about it. */
    private static ConnectionFactoryOptions limited(ConnectionFactoryOptions node) {
        Object limit = node.getValue(ConnectionFactoryOptions.STATEMENT_TIMEOUT);
        if (limit == null) {
            return node;
        }
        Duration timeout = limit instanceof Duration given ? given : Duration.parse(limit.toString());
        return with(
                "max_statement_time="
                        + BigDecimal.valueOf(timeout.toMillis(), 3).toPlainString(),
                node);
    }

    /** The driver takes session variables as one text, separated by commas. */
    private static ConnectionFactoryOptions with(String variable, ConnectionFactoryOptions node) {
        Object given = node.getValue(SESSION_VARIABLES);
        return node.mutate()
                .option(SESSION_VARIABLES, given == null ? variable : given + "," + variable)
                .build();
    }

    @Override
    public boolean sendsWhenConsumed() {
        return false;
    }

    @Override
    public @Nullable NodeProblem unfit(ConnectionMetadata server) {
        String seen = server.getDatabaseProductName() + " " + server.getDatabaseVersion();
        boolean other = !server.getDatabaseProductName().equals(productName());
        if (!other && ServerVersion.parse(server.getDatabaseVersion()).compareTo(OLDEST) >= 0) {
            return null;
        }
        return NodeProblem.unfit(
                "runs " + seen,
                "MariaDB " + OLDEST.major() + "." + OLDEST.minor() + " or later",
                other
                        ? "remove it from the nodes, or name the driver of its database"
                        : "upgrade the server or remove it from the nodes");
    }

    @Override
    public Mono<ProbeAnswer> probe(Connection connection, boolean reconnected) {
        return one(connection, MariadbProbe.SQL, row -> MariadbProbe.read(row, reconnected))
                .flatMap(answer -> answer.result().role() == NodeRole.REPLICA
                        ? link(connection).map(link -> MariadbProbe.with(link, answer))
                        : Mono.just(answer));
    }

    /** Asking needs the privilege SLAVE MONITOR; without it the link is unknown, never guessed. */
    private static Mono<ReplicationLink> link(Connection connection) {
        return one(connection, MariadbProbe.LINK_SQL, MariadbProbe::readLink)
                .defaultIfEmpty(new ReplicationLink(ReplicationLink.State.DISCONNECTED, null, 0))
                .onErrorResume(
                        R2dbcException.class,
                        error -> MariadbErrors.classify(error) == ErrorKind.USER
                                ? Mono.just(ReplicationLink.UNKNOWN)
                                : Mono.error(error));
    }

    @Override
    public Mono<List<MissingPrivilege>> missingPrivileges(Connection connection, ConnectionPurpose purpose) {
        Mono<List<String>> grants =
                all(connection, MariadbPrivileges.GRANTS_SQL).collectList();
        return all(connection, MariadbPrivileges.USER_SQL)
                .single()
                .flatMap(user -> grants.map(held -> MariadbPrivileges.missing(purpose, user, held)));
    }

    @Override
    public Mono<List<ReportedReplica>> replicas(Connection connection) {
        return Flux.defer(() -> connection.createStatement(MariadbReplicas.SQL).execute())
                .concatMap(result -> result.map((row, metadata) -> MariadbReplicas.read(row)))
                .collectList()
                .onErrorMap(
                        R2dbcException.class,
                        error -> MariadbErrors.classify(error) == ErrorKind.USER
                                ? MariadbReplicas.refused(error)
                                : error);
    }

    @Override
    public Mono<FunctionCatalog> functions(Connection connection) {
        return Flux.from(connection.createStatement(MariadbFunctions.SQL).execute())
                .concatMap(result -> result.map((row, metadata) -> MariadbFunctions.read(row)))
                .collectList()
                .map(FunctionCatalog::of);
    }

    @Override
    public Mono<ConnectionSetUp> setUp(Connection connection) {
        return one(connection, MariadbProbe.SET_UP_SQL, MariadbProbe::readSetUp);
    }

    @Override
    public Mono<Boolean> isGone(Connection connection, long backendId) {
        return one(
                connection,
                "select count(*) from information_schema.processlist where id = " + backendId,
                row -> Objects.equals(row.get(0, Long.class), 0L));
    }

    /** There is no statement that resets a session, and the driver does not expose the protocol's command for it. */
    @Override
    public Mono<Boolean> reset(Connection connection) {
        return Mono.just(false);
    }

    /** {@code KILL QUERY} returns when the statement was told to stop; it cannot reach a later one after that. */
    @Override
    public Mono<Void> cancel(Connection target, long backendId, Mono<? extends Connection> monitor) {
        return Mono.usingWhen(
                monitor,
                connection -> Flux.from(connection
                                .createStatement("KILL QUERY " + backendId)
                                .execute())
                        .concatMap(result -> result.getRowsUpdated())
                        .then(),
                Connection::close);
    }

    @Override
    public ErrorKind classify(R2dbcException error) {
        return MariadbErrors.classify(error);
    }

    private static Flux<String> all(Connection connection, String sql) {
        return Flux.defer(() -> connection.createStatement(sql).execute())
                .concatMap(result -> result.map((row, metadata) -> String.valueOf(row.get(0, String.class))));
    }

    private static <T> Mono<T> one(Connection connection, String sql, Function<Row, T> reader) {
        return Flux.from(connection.createStatement(sql).execute())
                .concatMap(result -> result.map((row, metadata) -> reader.apply(row)))
                .singleOrEmpty();
    }
}
