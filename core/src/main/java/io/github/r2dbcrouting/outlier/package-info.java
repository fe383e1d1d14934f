/**
 * Which nodes answer their probes and yet serve statements badly, or come and go: found by what became of statements, left out
 * for a while, and let back.
 */
@NullMarked
package io.github.r2dbcrouting.outlier;

import org.jspecify.annotations.NullMarked;
