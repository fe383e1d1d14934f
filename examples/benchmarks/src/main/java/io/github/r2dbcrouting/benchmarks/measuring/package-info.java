/**
 * What figures are read from: time, CPU, memory, waits, and the iterations of JMH. Nothing here knows what is measured.
 */
@NullMarked
package io.github.r2dbcrouting.benchmarks.measuring;

import org.jspecify.annotations.NullMarked;
