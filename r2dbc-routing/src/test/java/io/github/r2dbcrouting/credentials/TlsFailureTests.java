package io.github.r2dbcrouting.credentials;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.error.InvalidRoutingOptionException;
import io.github.r2dbcrouting.error.SecretUnavailableException;
import io.github.r2dbcrouting.error.TlsFailedException;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeSettings;
import io.r2dbc.spi.R2dbcNonTransientResourceException;
import java.security.cert.CertificateException;
import java.time.Duration;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;

/** Whose TLS failed. */
class TlsFailureTests {

    private static final NodeSettings NODE = new NodeSettings(new NodeId("db1"), "db1.test", 5432);

    @Test
    void shouldBlameTheNodeForItsOwnHandshake() {
        Throwable error = new R2dbcNonTransientResourceException(
                "Failed to connect", "08006", new SSLHandshakeException("no common protocol"));

        assertThat(TlsFailure.explain(NODE, error))
                .isInstanceOf(TlsFailedException.class)
                .hasMessageContaining("node db1")
                .hasMessageContaining("did not agree on TLS (no common protocol)");
    }

    @Test
    void shouldNotBlameTheNodeForTheHandshakeOfAVault() {
        Throwable error = new SecretUnavailableException(
                new NodeId("db1"),
                Duration.ofSeconds(1),
                new SSLHandshakeException("the vault's certificate is unknown"));

        assertThat(TlsFailure.explain(NODE, error)).isSameAs(error);
    }

    @Test
    void shouldNotBlameTheNodeForACertificateFileThatCannotBeRead() {
        Throwable error = new InvalidRoutingOptionException(
                "driver postgresql", "refuses its options", "others", "mend them", new CertificateException("no PEM"));

        assertThat(TlsFailure.explain(NODE, error)).isSameAs(error);
    }
}
