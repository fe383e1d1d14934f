/**
 * From what a statement wants to a lease that gives it: the decision, so that a read sees what its session has seen, the lease on the node
 * that was chosen, and whether it still is what was decided on. Nothing is sent here.
 */
@NullMarked
package io.github.r2dbcrouting.acquiring;

import org.jspecify.annotations.NullMarked;
