package io.github.r2dbcrouting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class PostgresqlTlsTests extends TlsContract {

    @RegisterExtension
    static final LocalClusterExtension CLUSTER =
            LocalClusterExtension.of(LocalCluster.postgresql().replicas(1));

    private static int certificates;

    @Override
    LocalCluster cluster() {
        return CLUSTER.cluster();
    }

    @Override
    String driver() {
        return "postgresql";
    }

    @Override
    String fileOption() {
        return "sslRootCert";
    }

    /** In a file of its own, so that a new session tells whether the server has read it. */
    @Override
    void show(ClusterNode node, X509Bundle certificate) {
        String name = "shown" + ++certificates;
        Path data = cluster().directory().resolve(node.name()).resolve("data");
        write(data, name + ".crt", certificate.getCertificatePathPEM());
        write(data, name + ".key", certificate.getPrivateKeyPEM());
        node.execute("ALTER SYSTEM SET ssl_cert_file = '" + name + ".crt'");
        node.execute("ALTER SYSTEM SET ssl_key_file = '" + name + ".key'");
        set(node, "on");
        await().atMost(LIMIT)
                .until(() -> node.query("SHOW ssl_cert_file").get(0).get(0).equals(name + ".crt"));
    }

    private static void write(Path data, String name, String text) {
        try {
            Path file = Files.writeString(data.resolve(name), text);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
            Files.setOwner(file, Files.getOwner(data));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void shouldTellThatANodeOffersNoTls() {
        cluster().nodes().forEach(node -> set(node, "off"));
        assertThat(refusal())
                .allSatisfy(problem -> assertThat(problem)
                        .hasToString(problem.subject()
                                + ": offers no TLS, needed TLS, as sslMode says; switch it on at the server"));
    }

    private static void set(ClusterNode node, String ssl) {
        node.execute("ALTER SYSTEM SET ssl = " + ssl);
        node.execute("SELECT pg_reload_conf()");
        await().atMost(LIMIT).until(() -> node.query("SHOW ssl").get(0).get(0).equals(ssl));
    }

    @Override
    String encrypted() {
        return "SELECT pid FROM pg_stat_ssl WHERE ssl AND pid = pg_backend_pid()";
    }

    @Override
    Set<String> sessions(ClusterNode node) {
        return node.query("SELECT pid FROM pg_stat_activity WHERE usename = 'app'").stream()
                .map(row -> String.valueOf(row.get(0)))
                .collect(Collectors.toSet());
    }
}
