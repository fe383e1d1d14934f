package io.github.r2dbcrouting;

import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import reactor.blockhound.BlockHound;
import reactor.blockhound.BlockingOperationError;
import reactor.blockhound.integration.BlockHoundIntegration;

/**
 * Lets the drivers do on their event loops what they cannot be kept from.
 *
 * <ul>
 *   <li>The PostgreSQL driver reads random bytes from the operating system while it authenticates. Without this its first
 *       connection by SCRAM fails in a way that looks like a dead node (08003).
 *   <li>The MariaDB driver reads its own version from its jar when it first connects.
 *   <li>The MariaDB and MySQL drivers guard their queues by a {@code ReentrantLock} for a few instructions. Under
 *       contention they park, and without this the connection fails.
 *   <li>Lettuce does the same before it writes. Without this its lock is never given back.
 *   <li>TLS takes random numbers from the operating system, from a source that does not wait.
 *   <li>Netty takes random numbers from the operating system when the drivers have it look up the name of a host. Without
 *       this the look-up never ends.
 * </ul>
 *
 * <p>The same calls in our own code still fail.
 */
public final class DriversMayBlock implements BlockHoundIntegration {

    private static final List<String> LOCKING_DRIVERS =
            List.of("org.mariadb.r2dbc.", "io.asyncer.r2dbc.mysql.", "io.lettuce.core.protocol.");

    @Override
    public void applyTo(BlockHound.Builder builder) {
        builder.allowBlockingCallsInside("com.ongres.scram.common.ScramFunctions", "nonce");
        builder.allowBlockingCallsInside("org.mariadb.r2dbc.util.VersionFactory", "getInstance");
        builder.allowBlockingCallsInside("java.security.SecureRandom", "nextBytes");
        builder.allowBlockingCallsInside("io.netty.resolver.dns.DnsQueryIdSpace$DnsQueryIdRange", "pushId");
        // By the caller and not by the method: those that take the lock are lambdas, whose names a new version changes.
        builder.blockingMethodCallback(method -> {
            if (!isLockOfADriver()) {
                throw new BlockingOperationError(method);
            }
        });
    }

    private static boolean isLockOfADriver() {
        return StackWalker.getInstance()
                .walk(frames -> frames.map(StackWalker.StackFrame::getClassName)
                        .dropWhile(name -> !name.equals(ReentrantLock.class.getName()))
                        .dropWhile(name -> name.equals(ReentrantLock.class.getName()))
                        .findFirst()
                        .filter(caller -> LOCKING_DRIVERS.stream().anyMatch(caller::startsWith))
                        .isPresent());
    }
}
