package io.github.r2dbcrouting;

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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;

class MariadbTlsTests extends TlsContract {

    /** The server may run as another user than this. */
    private static final Path SHOWN = directory();

    @RegisterExtension
    static final LocalClusterExtension CLUSTER = LocalClusterExtension.of(LocalCluster.mariadb()
            .replicas(1)
            .setting("ssl", "ON")
            .setting("ssl-cert", SHOWN.resolve("node.crt").toString())
            .setting("ssl-key", SHOWN.resolve("node.key").toString()));

    private static Path directory() {
        try {
            Path directory = Files.createTempDirectory("r2dbc-routing-tls");
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
            write(directory, good());
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Path directory, X509Bundle certificate) throws IOException {
        Files.writeString(directory.resolve("node.crt"), certificate.getCertificatePathPEM());
        Files.writeString(directory.resolve("node.key"), certificate.getPrivateKeyPEM());
    }

    /** How far a replica is behind is known once something was written. */
    @BeforeAll
    static void write() {
        CLUSTER.cluster().execute("CREATE TABLE item (id INT)");
        CLUSTER.cluster().awaitReplication();
    }

    @AfterAll
    static void clean() throws IOException {
        Files.delete(SHOWN.resolve("node.crt"));
        Files.delete(SHOWN.resolve("node.key"));
        Files.delete(SHOWN);
    }

    @Override
    LocalCluster cluster() {
        return CLUSTER.cluster();
    }

    @Override
    String driver() {
        return "mariadb";
    }

    @Override
    String fileOption() {
        return "serverSslCert";
    }

    /** All nodes read the same files. */
    @Override
    void show(ClusterNode node, X509Bundle certificate) {
        try {
            write(SHOWN, certificate);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        node.execute("FLUSH LOCAL SSL");
    }

    @Override
    String encrypted() {
        return "SELECT 1 FROM information_schema.session_status WHERE variable_name = 'SSL_CIPHER' AND variable_value <> ''";
    }

    @Override
    Set<String> sessions(ClusterNode node) {
        return node.query("SELECT id FROM information_schema.processlist WHERE user = 'app'").stream()
                .map(row -> String.valueOf(row.get(0)))
                .collect(Collectors.toSet());
    }
}
