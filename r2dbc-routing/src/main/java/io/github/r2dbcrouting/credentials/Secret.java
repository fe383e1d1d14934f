package io.github.r2dbcrouting.credentials;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What one connection is opened with. Prints nothing of it.
 *
 * @param password the password, or {@code null} for none
 * @param lasting whether the password opens the next connection too, unless it was replaced
 * @param tls the TLS material, or {@code null} for what the driver's own options name
 */
public record Secret(
        @Nullable String password,
        boolean lasting,
        @Nullable TlsMaterial tls) {

    /** Returns whether connections that were opened with an earlier secret are to make way. */
    public boolean replaces(Secret earlier) {
        return !Objects.equals(tls, earlier.tls) || (lasting && !Objects.equals(password, earlier.password));
    }

    @Override
    public String toString() {
        return "Secret[<hidden>]";
    }
}
