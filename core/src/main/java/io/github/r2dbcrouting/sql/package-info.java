/**
 * What a statement does, as far as its text tells.
 */
@NullMarked
package io.github.r2dbcrouting.sql;

import org.jspecify.annotations.NullMarked;
