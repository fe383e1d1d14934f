/**
 * What is measured and what it is given to do: the databases that a benchmark runs on, the pools beside which the router is
 * measured, and loads in loops or at a steady rate.
 */
@NullMarked
package io.github.r2dbcrouting.benchmarks.load;

import org.jspecify.annotations.NullMarked;
