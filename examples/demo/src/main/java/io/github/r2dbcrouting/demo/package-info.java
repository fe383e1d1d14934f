/**
 * The router at work on a real local cluster, in a terminal; start with {@code Demo}.
 */
@NullMarked
package io.github.r2dbcrouting.demo;

import org.jspecify.annotations.NullMarked;
