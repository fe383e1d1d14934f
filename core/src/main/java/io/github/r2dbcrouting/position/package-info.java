/**
 * How far a node has come in its history of changes: positions form a partial order, not a line.
 */
@NullMarked
package io.github.r2dbcrouting.position;

import org.jspecify.annotations.NullMarked;
