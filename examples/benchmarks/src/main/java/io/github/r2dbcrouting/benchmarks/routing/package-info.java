/**
 * What a choice of a node costs, and how good it is: {@code routing}, {@code session}, {@code balancers}, {@code tail}.
 */
@NullMarked
package io.github.r2dbcrouting.benchmarks.routing;

import org.jspecify.annotations.NullMarked;
