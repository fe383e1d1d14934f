package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.credentials.TlsMaterial;
import io.github.r2dbcrouting.error.Problem;
import io.github.r2dbcrouting.topology.NodeProblem;
import io.github.r2dbcrouting.topology.NodeState;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** TLS to real servers, which are listed as {@code localhost}, with certificates that are made here. */
abstract class TlsContract {

    static final Duration LIMIT = Duration.ofSeconds(30);

    private static final X509Bundle AUTHORITY = authority("first");
    private static final X509Bundle OTHER_AUTHORITY = authority("other");

    @TempDir
    Path directory;

    private RoutingConnectionFactory factory;

    abstract LocalCluster cluster();

    abstract String driver();

    /** Returns the driver's option for the file of the trusted authorities. */
    abstract String fileOption();

    /** Has a node show a certificate from now on. */
    abstract void show(ClusterNode node, X509Bundle certificate);

    /** A query that has a row if its session is encrypted. */
    abstract String encrypted();

    /** Returns the ids of the application's sessions on a node. */
    abstract Set<String> sessions(ClusterNode node);

    @BeforeEach
    void showAGoodCertificate() throws IOException {
        showEverywhere(good(AUTHORITY));
        trust(AUTHORITY);
    }

    @AfterEach
    void close() {
        if (factory != null) {
            factory.close().block(LIMIT);
        }
    }

    @Test
    void shouldVerifyEachOfSeveralNodesOfAUrl() {
        start("localhost");
        awaitNodes();
        assertThat(run(encrypted(), true)).hasSize(1);
        assertThat(run(encrypted(), false)).hasSize(1);
    }

    @Test
    void shouldVerifyNodesThatAreListedByTheirAddress() {
        showEverywhere(issued(AUTHORITY, new CertificateBuilder().addSanIpAddress("127.0.0.1")));
        start("127.0.0.1");
        awaitNodes();
        assertThat(run(encrypted(), true)).hasSize(1);
    }

    @Test
    void shouldTellThatACertificateIsForAnotherHost() {
        showEverywhere(issued(AUTHORITY, new CertificateBuilder().addSanDnsName("db.example")));
        assertThat(refusal())
                .allSatisfy(problem -> assertThat(problem)
                        .hasToString(problem.subject() + ": " + problem.seen()
                                + ", needed one that names 'localhost'; list the node under the name that its certificate holds,"
                                + " or have it renewed with this name")
                        .extracting(Problem::seen)
                        .asString()
                        .startsWith("shows a certificate for another host")
                        .doesNotContain("undefined"));
    }

    @Test
    void shouldTellThatACertificateHasExpired() {
        showEverywhere(issued(
                AUTHORITY,
                new CertificateBuilder()
                        .addSanDnsName("localhost")
                        .notBefore(Instant.now().minus(Duration.ofDays(30)))
                        .notAfter(Instant.now().minus(Duration.ofDays(1)))));
        assertThat(refusal()).allSatisfy(problem -> {
            assertThat(problem.seen()).startsWith("shows a certificate that has expired (NotAfter: ");
            assertThat(problem.needed()).isEqualTo("one that is valid now");
            assertThat(problem.remedy()).startsWith("renew the node's certificate");
        });
    }

    @Test
    void shouldTellThatNoTrustedAuthorityVouchesForACertificate() {
        showEverywhere(good(OTHER_AUTHORITY));
        assertThat(refusal()).allSatisfy(problem -> {
            assertThat(problem.seen()).startsWith("shows a certificate that no trusted authority vouches for (");
            assertThat(problem.needed()).isEqualTo("one that an authority has signed which is trusted here");
            assertThat(problem.remedy()).contains(fileOption());
        });
    }

    @Test
    void shouldOpenItsConnectionsAnewWhenTheSupplierGivesOtherMaterial() {
        AtomicReference<TlsMaterial> material =
                new AtomicReference<>(TlsMaterial.ofPem(AUTHORITY.getRootCertificatePEM()));
        RoutingConnectionFactoryBuilder builder = RoutingConnectionFactory.builder()
                .driver(driver())
                .database("app")
                .credentials(cluster().username(), cluster().password())
                .tls(Mono.fromSupplier(material::get))
                .option(RoutingOptions.SECRET_CHECK_INTERVAL, Duration.ofMillis(100))
                .option(RoutingOptions.PROBE_TIMEOUT, Duration.ofSeconds(10));
        cluster().nodes().forEach(node -> builder.node(node.name(), "localhost", node.port()));
        factory = builder.build();
        Set<String> before = warmUp();

        showEverywhere(good(OTHER_AUTHORITY));
        material.set(TlsMaterial.ofPem(OTHER_AUTHORITY.getRootCertificatePEM()));
        awaitNoneOf(before);
        assertThat(run(encrypted(), true)).hasSize(1);
        assertThat(run(encrypted(), false)).hasSize(1);
    }

    @Test
    void shouldReadItsFilesAgainWhenItIsToldThatTheyHaveChanged() throws IOException {
        start("localhost");
        Set<String> before = warmUp();

        showEverywhere(good(OTHER_AUTHORITY));
        trust(OTHER_AUTHORITY);
        factory.renewConnections().block(LIMIT);
        awaitNoneOf(before);
        assertThat(run(encrypted(), true)).hasSize(1);
        assertThat(run(encrypted(), false)).hasSize(1);
    }

    /** Has pooled connections to all nodes, and returns all sessions but the monitor's. */
    private Set<String> warmUp() {
        awaitNodes();
        Set<String> watching = sessions();
        run("SELECT 1", true);
        run("SELECT 1", false);
        Set<String> pooled = sessions();
        pooled.removeAll(watching);
        assertThat(pooled).hasSize(2);
        return pooled;
    }

    /** Starts the watching, and waits until all nodes may serve. */
    private void awaitNodes() {
        Mono.from(factory.create().block(LIMIT).close()).block(LIMIT);
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(nodes()).allSatisfy(node -> {
                    assertThat(node.isUsable()).isTrue();
                    assertThat(node.replication().lag()).isNotNull();
                }));
    }

    private void awaitNoneOf(Set<String> before) {
        await().atMost(LIMIT).until(() -> sessions().stream().noneMatch(before::contains));
    }

    private Set<String> sessions() {
        Set<String> all = new HashSet<>();
        for (ClusterNode node : cluster().nodes()) {
            sessions(node).forEach(id -> all.add(node.name() + " " + id));
        }
        return all;
    }

    private void start(String host) {
        String nodes =
                cluster().nodes().stream().map(node -> host + ":" + node.port()).collect(Collectors.joining(","));
        factory = (RoutingConnectionFactory) ConnectionFactories.get("r2dbc:routing:" + driver() + "://"
                + cluster().username() + ":" + cluster().password() + "@" + nodes
                + "/app?sslMode=verify-full&" + fileOption() + "=" + directory.resolve("authorities.pem")
                + "&probeTimeout=PT10S");
    }

    /** Returns what is told of each node when none lets this side in. */
    final List<Problem> refusal() {
        start("localhost");
        Disposable waiting = factory.create().subscribe(connection -> {}, error -> {});
        await().atMost(LIMIT)
                .until(() -> nodes().stream()
                        .allMatch(node ->
                                node.problem() != null && node.problem().kind() == NodeProblem.Kind.UNANSWERED));
        waiting.dispose();
        List<Problem> problems = nodes().stream().map(Problem::of).toList();
        assertThat(problems)
                .extracting(Problem::subject)
                .containsExactlyElementsOf(cluster().nodes().stream()
                        .map(node -> "node localhost:" + node.port())
                        .toList());
        return problems;
    }

    private List<NodeState> nodes() {
        return factory.currentTopology().nodes();
    }

    private List<Object> run(String sql, boolean onPrimary) {
        return Flux.usingWhen(
                        factory.create(),
                        connection -> Flux.from(connection.createStatement(sql).execute())
                                .concatMap(result -> result.map((row, metadata) -> row.get(0))),
                        Connection::close)
                .contextWrite(context -> onPrimary ? Routing.primary().apply(context) : context)
                .collectList()
                .block(LIMIT);
    }

    private void showEverywhere(X509Bundle certificate) {
        cluster().nodes().forEach(node -> show(node, certificate));
    }

    private void trust(X509Bundle authority) throws IOException {
        Files.writeString(directory.resolve("authorities.pem"), authority.getRootCertificatePEM());
    }

    static X509Bundle good(X509Bundle authority) {
        return issued(authority, new CertificateBuilder().addSanDnsName("localhost"));
    }

    static X509Bundle good() {
        return good(AUTHORITY);
    }

    private static X509Bundle authority(String name) {
        try {
            return new CertificateBuilder()
                    .subject("CN=" + name)
                    .setIsCertificateAuthority(true)
                    .ecp256()
                    .buildSelfSigned();
        } catch (Exception e) {
            throw new IllegalStateException("cannot make an authority", e);
        }
    }

    private static X509Bundle issued(X509Bundle authority, CertificateBuilder certificate) {
        try {
            return certificate.subject("CN=node").ecp256().buildIssuedBy(authority);
        } catch (Exception e) {
            throw new IllegalStateException("cannot make a certificate", e);
        }
    }
}
