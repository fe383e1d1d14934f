/**
 * What operators switch while a factory is at work, for a night or for good.
 */
@NullMarked
package io.github.r2dbcrouting.switches;

import org.jspecify.annotations.NullMarked;
