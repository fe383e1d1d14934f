/**
 * The ways in which somebody may read on replicas what was just written, the router and home-made ones, and the sessions that
 * are played with each of them.
 */
@NullMarked
package io.github.r2dbcrouting.benchmarks.answers;

import org.jspecify.annotations.NullMarked;
