/**
 * What sessions see of their own writes, and what they leave to replicas: {@code consistency}, {@code offload},
 * {@code read-after-write}.
 */
@NullMarked
package io.github.r2dbcrouting.benchmarks.consistency;

import org.jspecify.annotations.NullMarked;
