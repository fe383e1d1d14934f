package io.github.r2dbcrouting.dialect;

import org.jspecify.annotations.Nullable;

/**
 * A replica as its primary knows it.
 *
 * @param name what it calls itself: PostgreSQL's {@code application_name}; {@code null} where the database has none
 * @param host the address from which it is connected, or the one that it reports; {@code null} where it tells none
 * @param port the port that it reports, or 0 where the database does not know
 */
public record ReportedReplica(
        @Nullable String name, @Nullable String host, int port) {}
