/**
 * What a user sets, as immutable records that check themselves.
 */
@NullMarked
package io.github.r2dbcrouting.settings;

import org.jspecify.annotations.NullMarked;
