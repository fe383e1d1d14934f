/**
 * The routing connection factory: all that most users ever import.
 */
@NullMarked
package io.github.r2dbcrouting;

import org.jspecify.annotations.NullMarked;
