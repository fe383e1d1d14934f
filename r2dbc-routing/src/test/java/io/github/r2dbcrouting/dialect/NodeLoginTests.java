package io.github.r2dbcrouting.dialect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.r2dbcrouting.credentials.PasswordSource;
import io.github.r2dbcrouting.credentials.Secret;
import io.github.r2dbcrouting.credentials.SecretSource;
import io.github.r2dbcrouting.credentials.TlsMaterial;
import io.github.r2dbcrouting.error.SecretUnavailableException;
import io.github.r2dbcrouting.topology.NodeId;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.R2dbcNonTransientResourceException;
import io.r2dbc.spi.R2dbcPermissionDeniedException;
import io.r2dbc.spi.test.MockConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Which secret a node is given, and when what was opened with an earlier one makes way. */
class NodeLoginTests {

    private static final Connection CONNECTION = MockConnection.empty();
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final List<String> tried = new ArrayList<>();
    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final CountDownLatch blocked = new CountDownLatch(1);
    private final CountDownLatch interrupted = new CountDownLatch(1);
    private Scheduler blocking = Schedulers.immediate();
    private Mono<String> supplied = Mono.just("first");
    private Mono<TlsMaterial> material = Mono.just(TlsMaterial.of("1", null, null));
    private String right = "first";
    private int renewals;

    @Test
    void shouldMakeWayOnlyOnceTheNodeHasAcceptedTheNewPassword() {
        NodeLogin login = login(rotating());
        open(login);
        supplied = Mono.just("second");
        open(login);
        assertThat(tried).containsExactly("first", "second", "first");
        assertThat(renewals).isZero();

        right = "second";
        open(login);
        open(login);
        assertThat(tried).containsExactly("first", "second", "first", "second", "second");
        assertThat(renewals).isEqualTo(1);
    }

    @Test
    void shouldReportTheRefusalOfTheNewPasswordWhenNeitherIsAccepted() {
        NodeLogin login = login(rotating());
        open(login);
        supplied = Mono.just("second");
        right = "third";
        assertThatThrownBy(() -> open(login)).hasMessage("refused second");
        assertThat(tried).containsExactly("first", "second", "first", "second", "first", "second");
    }

    /** A replica may replay the change just between two attempts. */
    @Test
    void shouldTryTheNewPasswordAgainWhenTheNodeLearnsOfItMeanwhile() {
        NodeLogin login = login(rotating());
        open(login);
        supplied = Mono.just("second");
        right = "neither";
        assertThat(login.open(secret -> attempt(secret).doOnError(error -> {
                            if (tried.size() == 3) {
                                right = "second";
                            }
                        }))
                        .block())
                .isSameAs(CONNECTION);
        assertThat(tried).containsExactly("first", "second", "first", "second");
        assertThat(renewals).isEqualTo(1);
    }

    /** The password was changed at the server while the connection was being opened with the earlier one. */
    @Test
    void shouldAskAgainWhenThePasswordThatItGotIsRefused() {
        NodeLogin login = login(rotating());
        open(login);
        right = "second";
        assertThat(login.open(secret -> attempt(secret).doOnError(error -> supplied = Mono.just("second")))
                        .block())
                .isSameAs(CONNECTION);
        assertThat(tried).containsExactly("first", "first", "second");
        assertThat(renewals).isEqualTo(1);
    }

    @Test
    void shouldTryAWrongPasswordOnlyOnce() {
        right = "neither";
        assertThatThrownBy(() -> open(login(rotating()))).hasMessage("refused first");
        assertThat(tried).containsExactly("first");
    }

    @Test
    void shouldNotTryAnEarlierPasswordOnANodeThatIsAway() {
        NodeLogin login = login(rotating());
        open(login);
        supplied = Mono.just("second");
        Mono<Connection> away =
                login.open(secret -> Mono.error(new R2dbcNonTransientResourceException("no such host", "08001")));
        assertThatThrownBy(away::block).hasMessage("no such host");
        assertThat(tried).containsExactly("first");
    }

    @Test
    void shouldKeepWhatWasOpenedWithAnotherToken() {
        NodeLogin login = login(PasswordSource.tokens(Mono.defer(() -> supplied)));
        open(login);
        supplied = Mono.just("second");
        right = "second";
        open(login);
        assertThat(tried).containsExactly("first", "second");
        assertThat(renewals).isZero();
    }

    @Test
    void shouldMakeWayForOtherTlsMaterialEvenWithTokens() {
        NodeLogin login = login(PasswordSource.tokens(Mono.defer(() -> supplied)));
        open(login);
        material = Mono.just(TlsMaterial.of("2", null, null));
        open(login);
        assertThat(renewals).isEqualTo(1);
    }

    @Test
    void shouldGoOnWithTheLastPasswordWhileItsSupplierFails() {
        NodeLogin login = login(rotating());
        open(login);
        supplied = Mono.error(new IllegalStateException("the vault is sealed"));
        open(login);
        assertThat(tried).containsExactly("first", "first");
        assertThat(renewals).isZero();
    }

    @Test
    void shouldSayWhichNodeGotNoPasswordWhenTheSupplierNeverGaveOne() {
        supplied = Mono.error(new IllegalStateException("the vault is sealed"));
        assertThatThrownBy(() -> open(login(rotating())))
                .isInstanceOf(SecretUnavailableException.class)
                .hasMessageContaining("node db1:")
                .hasMessageContaining("look at the supplier")
                .hasRootCauseMessage("the vault is sealed");
    }

    @Test
    void shouldNotWaitForASupplierThatHangs() {
        supplied = Mono.never();
        StepVerifier.create(login(rotating()).open(this::attempt))
                .then(() -> time.advanceTimeBy(PATIENCE))
                .verifyErrorMatches(error -> error instanceof SecretUnavailableException
                        && String.valueOf(error.getMessage()).contains("within 2000 ms"));
    }

    /** Else it would hold up the monitor's one thread, and no time-out could help. */
    @Test
    void shouldAskASupplierThatBlocksWhereThisHoldsUpNobody() {
        blocking = Schedulers.boundedElastic();
        supplied = Mono.fromCallable(this::blockUntilInterrupted);
        StepVerifier.create(login(rotating()).open(this::attempt))
                .then(() -> await(blocked))
                .then(() -> time.advanceTimeBy(PATIENCE))
                .verifyError(SecretUnavailableException.class);
        await(interrupted);
    }

    @Test
    void shouldLookForAnotherPasswordWhereASupplierThatBlocksHoldsUpNobody() {
        blocking = Schedulers.boundedElastic();
        NodeLogin login = login(rotating());
        open(login);
        supplied = Mono.fromCallable(this::blockUntilInterrupted);
        StepVerifier.create(login.hasChanged())
                .then(() -> await(blocked))
                .then(() -> time.advanceTimeBy(PATIENCE))
                .verifyError(TimeoutException.class);
        await(interrupted);
    }

    /** Two openings overlap, and the one that has the earlier password ends last. */
    @Test
    void shouldNotGoBackToAPasswordThatWasAskedForEarlier() {
        NodeLogin login = login(rotating());
        Sinks.One<Connection> slow = Sinks.one();
        StepVerifier.create(login.open(secret -> slow.asMono()))
                .then(() -> {
                    supplied = Mono.just("second");
                    right = "second";
                    open(login);
                    slow.tryEmitValue(CONNECTION);
                })
                .expectNextCount(1)
                .verifyComplete();
        open(login);
        assertThat(tried).containsExactly("second", "second");
        assertThat(renewals).isZero();
    }

    @Test
    void shouldTellWhetherTheSupplierGivesAnotherPassword() {
        NodeLogin login = login(rotating());
        assertThat(login.hasChanged().block()).isFalse();
        open(login);
        assertThat(login.hasChanged().block()).isFalse();
        supplied = Mono.just("second");
        assertThat(login.hasChanged().block()).isTrue();
    }

    private String blockUntilInterrupted() throws InterruptedException {
        blocked.countDown();
        try {
            new CountDownLatch(1).await();
            return "never";
        } finally {
            interrupted.countDown();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private PasswordSource rotating() {
        return PasswordSource.rotating(Mono.defer(() -> supplied));
    }

    private NodeLogin login(PasswordSource password) {
        SecretSource source = new SecretSource(password, Mono.defer(() -> material));
        NodeLogin login = new NodeLogin(new NodeId("db1"), source, PATIENCE, time, blocking);
        login.whenRenewed(() -> renewals++);
        return login;
    }

    private void open(NodeLogin login) {
        assertThat(login.open(this::attempt).block()).isSameAs(CONNECTION);
    }

    private Mono<Connection> attempt(Secret secret) {
        tried.add(secret.password());
        return right.equals(secret.password())
                ? Mono.just(CONNECTION)
                : Mono.error(new R2dbcPermissionDeniedException("refused " + secret.password(), "28P01"));
    }
}
