package io.github.r2dbcrouting.connection;

import io.github.r2dbcrouting.credentials.MissingPrivilege;
import io.github.r2dbcrouting.credentials.TlsMaterial;
import io.github.r2dbcrouting.dialect.ConnectionPurpose;
import io.github.r2dbcrouting.dialect.ConnectionSetUp;
import io.github.r2dbcrouting.dialect.DatabaseDialect;
import io.github.r2dbcrouting.dialect.ErrorKind;
import io.github.r2dbcrouting.sql.FunctionCatalog;
import io.github.r2dbcrouting.sql.SqlDialect;
import io.github.r2dbcrouting.topology.NodeProblem;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.ConnectionFactoryMetadata;
import io.r2dbc.spi.ConnectionFactoryOptions;
import io.r2dbc.spi.ConnectionMetadata;
import io.r2dbc.spi.IsolationLevel;
import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.R2dbcNonTransientResourceException;
import io.r2dbc.spi.R2dbcPermissionDeniedException;
import io.r2dbc.spi.R2dbcTransientResourceException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;

/** The dialect of {@link ScriptedDriver}. */
final class ScriptedDialect implements DatabaseDialect {

    /** Whether the server says that a session is over. */
    volatile boolean gone;

    private final Function<String, Mono<? extends Connection>> opening;

    /** The connections whose statements were cancelled at the server. */
    final List<Connection> cancelled = new ArrayList<>();

    Mono<Void> cancelAnswer = Mono.empty();
    Mono<Boolean> resetAnswer = Mono.just(true);
    boolean sendsWhenConsumed;

    ScriptedDialect(Function<String, Mono<? extends Connection>> opening) {
        this.opening = opening;
    }

    @Override
    public String driver() {
        return "scripted";
    }

    @Override
    public String productName() {
        return "Scripted";
    }

    @Override
    public String driverArtifact() {
        return "none";
    }

    @Override
    public String driverProviderClass() {
        return "none";
    }

    @Override
    public Set<String> takenOver() {
        return Set.of();
    }

    @Override
    public int defaultPort() {
        return 1;
    }

    @Override
    public SqlDialect sqlDialect() {
        return SqlDialect.POSTGRESQL;
    }

    @Override
    public IsolationLevel defaultIsolationLevel() {
        return IsolationLevel.READ_COMMITTED;
    }

    @Override
    public boolean replicasOffer(IsolationLevel level) {
        return !level.equals(IsolationLevel.SERIALIZABLE);
    }

    @Override
    public ConnectionFactoryOptions options(ConnectionFactoryOptions node, ConnectionPurpose purpose) {
        return node;
    }

    @Override
    public ConnectionFactory factory(ConnectionFactoryOptions options) {
        String node = (String) options.getRequiredValue(ConnectionFactoryOptions.HOST);
        return new ConnectionFactory() {
            @Override
            public Publisher<? extends Connection> create() {
                return opening.apply(node);
            }

            @Override
            public ConnectionFactoryMetadata getMetadata() {
                return () -> "Scripted";
            }
        };
    }

    @Override
    public boolean asksForPassword() {
        return false;
    }

    @Override
    public ConnectionFactoryOptions secured(ConnectionFactoryOptions options, TlsMaterial material) {
        return options;
    }

    @Override
    public boolean sendsWhenConsumed() {
        return sendsWhenConsumed;
    }

    @Override
    public NodeProblem unfit(ConnectionMetadata server) {
        return null;
    }

    @Override
    public Mono<ProbeAnswer> probe(Connection connection, boolean reconnected) {
        return Mono.error(new UnsupportedOperationException());
    }

    @Override
    public Mono<List<MissingPrivilege>> missingPrivileges(Connection connection, ConnectionPurpose purpose) {
        return Mono.just(List.of());
    }

    @Override
    public Mono<Boolean> isGone(Connection connection, long backendId) {
        return Mono.fromSupplier(() -> gone);
    }

    @Override
    public Mono<FunctionCatalog> functions(Connection connection) {
        return Mono.just(FunctionCatalog.NONE);
    }

    @Override
    public Mono<ConnectionSetUp> setUp(Connection connection) {
        return Mono.just(new ConnectionSetUp(1, null, false, Duration.ZERO));
    }

    @Override
    public Mono<Boolean> reset(Connection connection) {
        return Mono.defer(() -> {
            ((ScriptedConnection) connection).calls.add("reset");
            return resetAnswer;
        });
    }

    @Override
    public Mono<Void> cancel(Connection target, long backendId, Mono<? extends Connection> monitor) {
        return Mono.defer(() -> {
            cancelled.add(target);
            return cancelAnswer;
        });
    }

    @Override
    public ErrorKind classify(R2dbcException error) {
        if (error instanceof R2dbcNonTransientResourceException) {
            return ErrorKind.NODE_FAULT;
        }
        if (error.getClass() == R2dbcTransientResourceException.class) {
            return ErrorKind.UNSENT;
        }
        return error instanceof R2dbcPermissionDeniedException ? ErrorKind.READ_ONLY_REFUSAL : ErrorKind.USER;
    }
}
