package io.github.r2dbcrouting.credentials;

import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;

/**
 * Who logs in to the nodes.
 *
 * @param app runs the statements
 * @param monitor watches the nodes; the same as {@code app} unless given
 * @param control commands the nodes, or {@code null} if nobody does
 * @param tls the TLS material of all of them, or {@code null} for what the driver's own options name
 */
public record Logins(
        Credentials app,
        Credentials monitor,
        @Nullable Credentials control,
        @Nullable Publisher<TlsMaterial> tls) {}
