/**
 * What picks one of several nodes that would all do, and the live numbers by which it may pick.
 */
@NullMarked
package io.github.r2dbcrouting.balancing;

import org.jspecify.annotations.NullMarked;
