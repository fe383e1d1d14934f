/**
 * What the router adds to a read where there is nothing to decide, and what it takes to know what a statement does:
 * {@code overhead}, {@code classify}, {@code classify-corpus}.
 */
@NullMarked
package io.github.r2dbcrouting.benchmarks.overhead;

import org.jspecify.annotations.NullMarked;
