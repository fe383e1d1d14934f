/**
 * What every benchmark is made of: what the command line asks for, samples, and the figures that are held against what they
 * have to reach.
 */
@NullMarked
package io.github.r2dbcrouting.benchmarks.frame;

import org.jspecify.annotations.NullMarked;
