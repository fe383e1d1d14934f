/**
 * Flux-based polling of the nodes, and the topology that follows from it.
 */
@NullMarked
package io.github.r2dbcrouting.monitor;

import org.jspecify.annotations.NullMarked;
