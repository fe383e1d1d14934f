package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import io.github.r2dbcrouting.connection.RoutingConnection;
import io.github.r2dbcrouting.error.OutcomeUnknownException;
import io.github.r2dbcrouting.services.PrimaryAdmission;
import io.github.r2dbcrouting.topology.Topology;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Result;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** The gate before the primary: asked before each write and commit, and again when the answer has come. */
class AdmissionTests {

    @RegisterExtension
    static final LocalClusterExtension CLUSTER =
            LocalClusterExtension.of(LocalCluster.postgresql().replicas(1));

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Gate gate = new Gate();
    private final RoutedStatements routed = new RoutedStatements();
    private RoutingConnectionFactory factory;

    @BeforeEach
    void open() {
        CLUSTER.cluster()
                .execute("CREATE TABLE IF NOT EXISTS item (id int); TRUNCATE item; GRANT ALL ON item TO PUBLIC");
        factory = routed.over(CLUSTER.cluster()).primaryAdmission(gate).build();
        run(connection -> rows(connection, "SELECT 1")).block(LIMIT);
    }

    @AfterEach
    void close() {
        factory.close().block(LIMIT);
    }

    @Test
    void shouldHoldAWriteUntilTheGateOpensAndLetReadsPass() {
        gate.close();
        var written = run(connection -> updates(connection, "INSERT INTO item VALUES (1)"))
                .toFuture();
        await().atMost(LIMIT).until(() -> gate.waiting > 0);
        run(connection -> rows(connection, "SELECT 1")).block(LIMIT);
        assertThat(written).isNotDone();
        assertThat(items()).isZero();
        gate.open();
        Mono.fromFuture(written).block(LIMIT);
        assertThat(items()).isEqualTo(1);
    }

    @Test
    void shouldSendNothingThatTheGateRefuses() {
        gate.refusal = new IllegalStateException("closed for a test");
        assertThatThrownBy(() -> run(connection -> updates(connection, "INSERT INTO item VALUES (1)"))
                        .block(LIMIT))
                .hasMessage("closed for a test");
        assertThat(items()).isZero();
    }

    @Test
    void shouldReportAnAcknowledgementBehindAClosedGateAsUnknown() {
        gate.invalid = new OutcomeUnknownException("acknowledged behind a closed gate", null);
        assertThatThrownBy(() -> run(connection -> updates(connection, "INSERT INTO item VALUES (1)"))
                        .block(LIMIT))
                .isInstanceOf(OutcomeUnknownException.class);
        assertThat(items()).isEqualTo(1);
    }

    @Test
    void shouldAskAgainBeforeACommitAndAtItsAcknowledgement() {
        assertThatThrownBy(() -> run(connection -> connection
                                .beginTransaction()
                                .thenMany(updates(connection, "INSERT INTO item VALUES (1)"))
                                .then(Mono.fromRunnable(() -> gate.invalid =
                                        new OutcomeUnknownException("acknowledged behind a closed gate", null)))
                                .then(connection.commitTransaction()))
                        .block(LIMIT))
                .isInstanceOf(OutcomeUnknownException.class);
        assertThat(gate.asked).isGreaterThanOrEqualTo(3);
    }

    @Test
    void shouldNotHoldTheConnectionOfAWriteThatIsCancelledAtTheGate() {
        gate.close();
        run(connection -> updates(connection, "INSERT INTO item VALUES (1)"))
                .take(Duration.ofMillis(200))
                .block(LIMIT);
        gate.open();
        assertThat(items()).isZero();
        run(connection -> updates(connection, "INSERT INTO item VALUES (2)")).block(LIMIT);
    }

    private long items() {
        return Long.parseLong(CLUSTER.cluster()
                .primary()
                .query("SELECT count(*) FROM item")
                .get(0)
                .get(0));
    }

    private Mono<Void> run(Function<RoutingConnection, ? extends Publisher<?>> work) {
        return Flux.usingWhen(factory.create(), work::apply, Connection::close).then();
    }

    private static Flux<Object> rows(Connection connection, String sql) {
        return Flux.from(connection.createStatement(sql).execute())
                .concatMap(result -> result.map((row, metadata) -> row.get(0)));
    }

    private static Flux<Long> updates(Connection connection, String sql) {
        return Flux.defer(() -> connection.createStatement(sql).execute()).concatMap(Result::getRowsUpdated);
    }

    /** A gate that a test opens and closes. */
    private static final class Gate implements PrimaryAdmission {

        private volatile Sinks.Empty<Void> opened = Sinks.empty();
        private volatile @Nullable Throwable refusal;
        private volatile @Nullable Throwable invalid;
        private volatile int waiting;
        private volatile int asked;

        Gate() {
            opened.tryEmitEmpty();
        }

        void close() {
            opened = Sinks.empty();
        }

        void open() {
            opened.tryEmitEmpty();
        }

        @Override
        @SuppressWarnings("NonAtomicVolatileUpdate")
        public Mono<Ticket> admit(Topology topology) {
            return Mono.defer(() -> {
                asked++;
                waiting++;
                Throwable refused = refusal;
                return refused == null ? opened.asMono().thenReturn(() -> invalid) : Mono.error(refused);
            });
        }
    }
}
