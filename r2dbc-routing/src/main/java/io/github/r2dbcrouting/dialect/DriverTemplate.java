package io.github.r2dbcrouting.dialect;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionMetadata;
import io.r2dbc.spi.Statement;
import org.jspecify.annotations.Nullable;

/**
 * The driver's own checks without a round trip: a statement of the driver that is never executed refuses exactly the
 * binds that a real one would refuse, and metadata come from a connection that was open once. The connection is the one
 * opened last; that it may be closed by now does not matter, since nothing is sent.
 */
public final class DriverTemplate {

    private final Cache<String, KnownBinds> binds;
    private volatile @Nullable Connection latest;

    /**
     * Creates a template that has no connection yet.
     *
     * @param maximumTexts for how many texts it remembers what the driver has accepted
     */
    public DriverTemplate(int maximumTexts) {
        binds = Caffeine.newBuilder()
                .maximumSize(maximumTexts)
                .executor(Runnable::run)
                .build();
    }

    /** Returns what the driver has accepted for a text. */
    public KnownBinds binds(String sql) {
        KnownBinds known = binds.getIfPresent(sql);
        if (known == null) {
            known = new KnownBinds();
            binds.put(sql, known);
        }
        return known;
    }

    /** Remembers a connection that was just opened. */
    public void opened(Connection connection) {
        latest = connection;
    }

    /** Returns a statement to check binds on, never to be executed. */
    public Statement statement(String sql) {
        return connection().createStatement(sql);
    }

    public ConnectionMetadata metadata() {
        return connection().getMetadata();
    }

    private Connection connection() {
        Connection connection = latest;
        if (connection == null) {
            throw new IllegalStateException("no connection was opened yet");
        }
        return connection;
    }
}
