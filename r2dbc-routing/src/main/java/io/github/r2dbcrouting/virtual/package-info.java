/**
 * The session behind a virtual connection: which physical connections it holds, the pin or the reads that run, what was set in it, and
 * its transactions.
 */
@NullMarked
package io.github.r2dbcrouting.virtual;

import org.jspecify.annotations.NullMarked;
