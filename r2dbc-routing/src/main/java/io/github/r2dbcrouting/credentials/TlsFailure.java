package io.github.r2dbcrouting.credentials;

import io.github.r2dbcrouting.error.Explained;
import io.github.r2dbcrouting.error.Problem;
import io.github.r2dbcrouting.error.TlsFailedException;
import io.github.r2dbcrouting.topology.NodeSettings;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Tells what went wrong with TLS. The drivers say it in their causes, or only in their words. */
public final class TlsFailure {

    private static final String CLOCK = "renew the node's certificate, or set the clock of this machine";

    private TlsFailure() {}

    /**
     * Returns an error that explains what went wrong with TLS while a connection was opened, or the same if nothing did. One that
     * explains itself stays: beneath it may lie somebody else's TLS, such as that of the vault which holds the password.
     */
    public static Throwable explain(NodeSettings node, Throwable error) {
        if (error instanceof Explained) {
            return error;
        }
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            Problem problem = problem(node, cause);
            if (problem != null) {
                return new TlsFailedException(problem, error);
            }
        }
        return error;
    }

    private static @Nullable Problem problem(NodeSettings node, Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        String subject = "node " + node.id();
        if (isUnspecific(cause)) {
            return null;
        }
        if (cause instanceof CertificateExpiredException) {
            return new Problem(
                    subject, "shows a certificate that has expired (" + message + ")", "one that is valid now", CLOCK);
        }
        if (cause instanceof CertificateNotYetValidException) {
            return new Problem(
                    subject, "shows a certificate of the future (" + message + ")", "one that is valid now", CLOCK);
        }
        if (cause instanceof CertPathBuilderException || cause instanceof CertPathValidatorException) {
            return new Problem(
                    subject,
                    "shows a certificate that no trusted authority vouches for (" + message + ")",
                    "one that an authority has signed which is trusted here",
                    "give that authority's certificate by the driver's option (sslRootCert for PostgreSQL, serverSslCert"
                            + " for MariaDB) or by the builder's tls");
        }
        if (cause instanceof CertificateException || message.contains("could not be verified")) {
            // The PostgreSQL driver does not tell the runtime which host it looks for, and the runtime then says only
            // that.
            String detail = message.endsWith("is undefined.") ? "" : " (" + message + ")";
            return new Problem(
                    subject,
                    "shows a certificate for another host" + detail,
                    "one that names '" + node.host() + "'",
                    "list the node under the name that its certificate holds, or have it renewed with this name");
        }
        if (message.contains("Server support for SSL connection is disabled")
                || message.contains("ssl not enabled in the server")) {
            return new Problem(subject, "offers no TLS", "TLS, as sslMode says", "switch it on at the server");
        }
        return cause instanceof SSLException
                ? new Problem(
                        subject,
                        "did not agree on TLS (" + message + ")",
                        "",
                        "compare protocols, ciphers and client certificates of both sides")
                : null;
    }

    /** What is wrong stands in its cause. */
    private static boolean isUnspecific(Throwable cause) {
        return cause.getCause() instanceof SSLException
                || cause.getCause() instanceof CertificateException
                || cause.getCause() instanceof CertPathBuilderException
                || cause.getCause() instanceof CertPathValidatorException;
    }
}
