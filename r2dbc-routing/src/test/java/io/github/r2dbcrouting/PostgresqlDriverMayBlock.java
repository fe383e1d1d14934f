package io.github.r2dbcrouting;

import reactor.blockhound.BlockHound;
import reactor.blockhound.integration.BlockHoundIntegration;

/**
 * Lets the PostgreSQL driver read random bytes from the operating system while it authenticates. It does so on its event
 * loop, and without this its first connection by SCRAM fails in a way that looks like a dead node (08003). Only that
 * method is let through.
 */
public final class PostgresqlDriverMayBlock implements BlockHoundIntegration {

    @Override
    public void applyTo(BlockHound.Builder builder) {
        builder.allowBlockingCallsInside("com.ongres.scram.common.ScramFunctions", "nonce");
    }
}
