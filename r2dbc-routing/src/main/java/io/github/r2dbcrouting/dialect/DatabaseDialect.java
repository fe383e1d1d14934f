package io.github.r2dbcrouting.dialect;

import io.github.r2dbcrouting.credentials.MissingPrivilege;
import io.github.r2dbcrouting.credentials.TlsMaterial;
import io.github.r2dbcrouting.monitor.ProbeResult;
import io.github.r2dbcrouting.position.Lineage;
import io.github.r2dbcrouting.position.PositionBound;
import io.github.r2dbcrouting.sql.FunctionCatalog;
import io.github.r2dbcrouting.sql.SqlDialect;
import io.github.r2dbcrouting.topology.NodeProblem;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.ConnectionFactoryOptions;
import io.r2dbc.spi.ConnectionMetadata;
import io.r2dbc.spi.IsolationLevel;
import io.r2dbc.spi.R2dbcException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * One kind of database: how to reach it, what to ask of it, and what its errors mean. Stateless.
 *
 * <p>Every {@link Mono} here is cold and touches its connection only when subscribed to.
 */
public interface DatabaseDialect {

    /** Returns the driver's name in a URL, such as {@code postgresql}. */
    String driver();

    /** Returns the name by which the driver's metadata calls the database; Spring chooses its dialect by it. */
    String productName();

    /** Returns the artifact that a user adds to have the driver. */
    String driverArtifact();

    /** Returns the class that declares the driver's options as constants. */
    String driverProviderClass();

    /** Returns the driver's options for what the routing does itself, which would contradict it. */
    Set<String> takenOver();

    int defaultPort();

    SqlDialect sqlDialect();

    /** Returns the isolation level of a session in which nothing was set. */
    IsolationLevel defaultIsolationLevel();

    /** Returns whether a replica runs transactions at a level; where it does not, they are for the primary. */
    default boolean replicasOffer(IsolationLevel level) {
        return true;
    }

    /**
     * Returns the driver's options for a purpose.
     *
     * @param node host, port, user and everything else that the user gave
     * @param purpose what the connection is for
     */
    ConnectionFactoryOptions options(ConnectionFactoryOptions node, ConnectionPurpose purpose);

    /**
     * Makes the driver's factory, without looking for the driver. The driver reads its options now, and the files that they
     * name, which may block.
     */
    ConnectionFactory factory(ConnectionFactoryOptions options);

    /**
     * Returns whether the driver takes a publisher as its password, and subscribes to it for each connection, in the context of
     * whoever opens it.
     */
    boolean asksForPassword();

    /** Returns options with TLS material in the place of that in the files which they name, verified unless they say how. */
    ConnectionFactoryOptions secured(ConnectionFactoryOptions options, TlsMaterial material);

    /**
     * Returns whether the driver sends a statement with parameters only when its result is consumed, so that a result which
     * nobody wants must not be consumed either.
     */
    boolean sendsWhenConsumed();

    /**
     * Returns why a server must not be used, by what the driver has known of it since it connected: it is too old, or of
     * another kind. {@code null} if nothing speaks against it.
     */
    @Nullable
    NodeProblem unfit(ConnectionMetadata server);

    /** Asks a node for role, position and replication state, over the monitor's own connection. */
    Mono<ProbeAnswer> probe(Connection connection, boolean reconnected);

    /**
     * What a server answers to a probe.
     *
     * @param result what it tells of the node
     * @param backendId the server's id of the session that answered, 0 where unknown
     * @param connectionLimit how many connections the server lets in at most, 0 where unknown
     */
    record ProbeAnswer(ProbeResult result, long backendId, int connectionLimit) {}

    /**
     * Lets a replica wait until it has covered a bound, for some milliseconds at most, if the server can do that; its probe comes next. At
     * once where it cannot.
     */
    default Mono<Void> awaitReplay(Connection connection, PositionBound bound) {
        return Mono.empty();
    }

    /**
     * Asks a primary for what it knows of its branch beyond what its probe has told.
     *
     * @return empty where there is nothing more to be known, or the monitor may not ask
     */
    default Mono<Lineage> lineage(Connection connection, ProbeResult primary) {
        return Mono.empty();
    }

    /**
     * Asks what the user of a connection lacks of the privileges that its purpose takes.
     *
     * @param purpose {@link ConnectionPurpose#MONITOR} or {@link ConnectionPurpose#CONTROL}
     */
    Mono<List<MissingPrivilege>> missingPrivileges(Connection connection, ConnectionPurpose purpose);

    /**
     * Asks a primary which replicas receive changes from it. Fails with what to do if the user of the connection may not see that.
     */
    default Mono<List<ReportedReplica>> replicas(Connection connection) {
        return Mono.error(
                () -> new UnsupportedOperationException(productName() + " is not asked for its replicas yet"));
    }

    /** Asks what there is to know of the functions that the user of a connection may call. */
    Mono<FunctionCatalog> functions(Connection connection);

    /** Asks a new pooled connection for its id and position. */
    Mono<ConnectionSetUp> setUp(Connection connection);

    /**
     * Asks whether a session of this server is over, so that nothing runs in it any more. Asked over another connection of the same
     * user, who may see his own sessions.
     *
     * @param backendId the server's id of that session
     */
    Mono<Boolean> isGone(Connection connection, long backendId);

    /**
     * Undoes whatever statements may have left in a session, so that the next borrower finds it as new. Emits
     * {@code false} where the database cannot, and the connection must be discarded instead.
     */
    Mono<Boolean> reset(Connection connection);

    /**
     * Cancels the statement that runs on a connection, at the server. Completes once the server has acted on it: a
     * cancel can then no longer hit a later statement.
     *
     * @param target the connection whose statement is to end
     * @param backendId its id at the server
     * @param monitor opens another connection to the same node, for databases that cancel by a statement
     */
    Mono<Void> cancel(Connection target, long backendId, Mono<? extends Connection> monitor);

    /** Returns what an error of the driver says. */
    ErrorKind classify(R2dbcException error);

    /** Returns what any error says: the driver's, the library's own, or one from the network below the driver. */
    default ErrorKind kindOf(Throwable error) {
        return ErrorKind.of(error, this);
    }
}
