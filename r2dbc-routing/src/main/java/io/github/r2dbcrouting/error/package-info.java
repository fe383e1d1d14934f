/**
 * The errors of the routing itself. They extend R2DBC's own, so that Spring translates them; the driver's errors pass through as they are.
 */
@NullMarked
package io.github.r2dbcrouting.error;

import org.jspecify.annotations.NullMarked;
