/**
 * The choice of a node for a statement, made purely from one snapshot, with the reason for it and against every other node.
 */
@NullMarked
package io.github.r2dbcrouting.selection;

import org.jspecify.annotations.NullMarked;
