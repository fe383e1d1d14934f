package io.github.r2dbcrouting.dialect;

import io.github.r2dbcrouting.position.ReplicationPosition;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a new pooled connection says of itself, asked once when it is opened.
 *
 * @param backendId the server's id of the connection, by which a query can be cancelled and its end observed
 * @param position the node's position as seen on this very connection
 * @param asynchronousCommit whether commits on it are acknowledged before they are flushed
 * @param flushTime after which such a commit is flushed at the latest, and the position of the node has reached it; zero where
 *     there are none
 */
public record ConnectionSetUp(
        long backendId, @Nullable ReplicationPosition position, boolean asynchronousCommit, Duration flushTime) {}
