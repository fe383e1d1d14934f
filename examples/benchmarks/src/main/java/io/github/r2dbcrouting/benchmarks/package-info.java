/**
 * Measures what the project promises: each {@link io.github.r2dbcrouting.benchmarks.frame.Benchmark} compares figures with
 * what they have to reach and says whether they do. Run by the script {@code examples/benchmarks/bench}.
 */
@NullMarked
package io.github.r2dbcrouting.benchmarks;

import org.jspecify.annotations.NullMarked;
