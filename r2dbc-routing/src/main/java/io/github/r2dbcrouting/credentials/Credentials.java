package io.github.r2dbcrouting.credentials;

import org.jspecify.annotations.Nullable;

/**
 * Who logs in.
 *
 * @param user the user's name, or {@code null} for the one that the driver's options name
 */
public record Credentials(@Nullable String user, PasswordSource password) {}
