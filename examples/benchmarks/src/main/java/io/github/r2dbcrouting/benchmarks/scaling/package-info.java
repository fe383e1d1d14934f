/**
 * Many replicas, connections and callers: {@code scaling}, {@code connections}.
 */
@NullMarked
package io.github.r2dbcrouting.benchmarks.scaling;

import org.jspecify.annotations.NullMarked;
