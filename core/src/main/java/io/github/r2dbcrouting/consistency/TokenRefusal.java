package io.github.r2dbcrouting.consistency;

/** Why a token was not believed. */
public enum TokenRefusal {
    /** It cannot be read: truncated, or something else altogether. */
    MALFORMED,
    /** It was made by a newer version of this library. */
    FUTURE_VERSION,
    /** Its key is not one of those that are accepted. */
    UNKNOWN_KEY,
    /** Its signature is not that of its content. */
    FORGED,
    /** It speaks of another cluster. */
    FOREIGN,
    /** It is older than tokens may be. */
    EXPIRED
}
