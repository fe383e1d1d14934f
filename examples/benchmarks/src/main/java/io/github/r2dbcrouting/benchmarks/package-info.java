/**
 * Measures what the project promises: each {@link io.github.r2dbcrouting.benchmarks.frame.Benchmark} compares figures with
 * what they have to reach and says whether they do. Run by the script {@code examples/benchmarks/bench}.
 *
 * <p>There is a package for each subject, whose first lines name its benchmarks; no subject sees another. They share
 * {@code load}, {@code frame}, {@code measuring} and {@code answers}, each of which sees only those before it.
 */
@NullMarked
package io.github.r2dbcrouting.benchmarks;

import org.jspecify.annotations.NullMarked;
