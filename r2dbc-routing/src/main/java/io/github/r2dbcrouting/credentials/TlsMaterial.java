package io.github.r2dbcrouting.credentials;

import io.github.r2dbcrouting.error.InvalidRoutingOptionException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.HexFormat;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Which authorities are trusted to vouch for a node, and what this side shows of itself. Two of the same version are equal:
 * a supplier that gives one of another version has the connections opened anew. Prints nothing of a key.
 */
public final class TlsMaterial {

    private static final TlsMaterial OF_THE_SYSTEM = new TlsMaterial("system", null, null);

    private final String version;
    private final @Nullable TrustManagerFactory trust;
    private final @Nullable KeyManagerFactory key;

    private TlsMaterial(String version, @Nullable TrustManagerFactory trust, @Nullable KeyManagerFactory key) {
        this.version = version;
        this.trust = trust;
        this.key = key;
    }

    /**
     * Returns what JSSE factories hold, such as those of a Spring {@code SslBundle}.
     *
     * @param version tells it from other material, for instance a certificate's fingerprint or the time of a file; no secret
     * @param trust the trusted authorities, or {@code null} for those of the Java runtime
     * @param key the certificate and key of this side, or {@code null} for none
     */
    public static TlsMaterial of(String version, @Nullable TrustManagerFactory trust, @Nullable KeyManagerFactory key) {
        return new TlsMaterial(version, trust, key);
    }

    /** Returns what the Java runtime trusts. */
    public static TlsMaterial ofTheSystem() {
        return OF_THE_SYSTEM;
    }

    /**
     * Returns trust in authorities.
     *
     * @param authorities their certificates in PEM
     * @throws InvalidRoutingOptionException if they cannot be read
     */
    public static TlsMaterial ofPem(String authorities) {
        return read(authorities, null, null);
    }

    /**
     * Returns trust in authorities, and a certificate of this side.
     *
     * @param authorities their certificates in PEM
     * @param chain this side's certificate and those between it and an authority of the node, in PEM
     * @param key this side's private key, as unencrypted PKCS #8 in PEM
     * @throws InvalidRoutingOptionException if they cannot be read
     */
    public static TlsMaterial ofPem(String authorities, String chain, String key) {
        return read(authorities, chain, key);
    }

    private static TlsMaterial read(String authorities, @Nullable String chain, @Nullable String key) {
        try {
            KeyManagerFactory keys = chain == null || key == null ? null : keys(chain, key);
            return new TlsMaterial(fingerprint(authorities + chain + key), trust(authorities), keys);
        } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
            throw new InvalidRoutingOptionException(
                    "tls",
                    "cannot be read: " + e.getMessage(),
                    "certificates in PEM, and the key as unencrypted PKCS #8 in PEM",
                    "give them so",
                    e);
        }
    }

    private static TrustManagerFactory trust(String authorities) throws GeneralSecurityException, IOException {
        KeyStore store = emptyStore();
        for (Certificate certificate : certificates(authorities)) {
            store.setCertificateEntry("authority" + store.size(), certificate);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory;
    }

    private static KeyManagerFactory keys(String chain, String key) throws GeneralSecurityException, IOException {
        Certificate[] certificates = certificates(chain).toArray(new Certificate[0]);
        String algorithm = certificates[0].getPublicKey().getAlgorithm();
        PrivateKey privateKey =
                KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(content(key)));
        KeyStore store = emptyStore();
        store.setKeyEntry("key", privateKey, new char[0], certificates);
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, new char[0]);
        return factory;
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static Collection<? extends Certificate> certificates(String pem) throws GeneralSecurityException {
        Collection<? extends Certificate> certificates = CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
        if (certificates.isEmpty()) {
            throw new IllegalArgumentException("there is no certificate in it");
        }
        return certificates;
    }

    private static byte[] content(String pem) {
        return Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
    }

    private static String fingerprint(String text) throws GeneralSecurityException {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(digest, 0, 8);
    }

    /** Returns the trusted authorities, or {@code null} for those of the Java runtime. */
    public @Nullable TrustManagerFactory trust() {
        return trust;
    }

    /** Returns the certificate and key of this side, or {@code null} for none. */
    public @Nullable KeyManagerFactory key() {
        return key;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TlsMaterial material && version.equals(material.version);
    }

    @Override
    public int hashCode() {
        return version.hashCode();
    }

    @Override
    public String toString() {
        return "TlsMaterial[" + version + "]";
    }
}
