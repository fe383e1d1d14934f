/**
 * Immutable snapshots of the nodes: what was seen of each, and which of them is the primary.
 */
@NullMarked
package io.github.r2dbcrouting.topology;

import org.jspecify.annotations.NullMarked;
