/**
 * Nodes that fail, come and go under load: {@code recovery}, {@code freeze}, {@code frozen}, {@code retry-storm}, {@code soak},
 * {@code membership}.
 */
@NullMarked
package io.github.r2dbcrouting.benchmarks.faults;

import org.jspecify.annotations.NullMarked;
