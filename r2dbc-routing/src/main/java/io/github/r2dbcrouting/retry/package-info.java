/**
 * How often, when and how much is sent again after a fault, and how many reads may fall back to the primary at once.
 */
@NullMarked
package io.github.r2dbcrouting.retry;

import org.jspecify.annotations.NullMarked;
