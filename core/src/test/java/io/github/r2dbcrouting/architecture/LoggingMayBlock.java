package io.github.r2dbcrouting.architecture;

import reactor.blockhound.BlockHound;
import reactor.blockhound.integration.BlockHoundIntegration;

/**
 * Lets Logback wait for its output: two threads that log at once queue for the appender's lock. Which appender an
 * application chooses is not ours to decide, and the tests' own is the console.
 */
public final class LoggingMayBlock implements BlockHoundIntegration {

    @Override
    public void applyTo(BlockHound.Builder builder) {
        builder.allowBlockingCallsInside("ch.qos.logback.core.OutputStreamAppender", "writeBytes");
    }
}
