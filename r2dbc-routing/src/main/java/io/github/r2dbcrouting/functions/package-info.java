/**
 * Keeps what is known of the database's functions up to date.
 */
@NullMarked
package io.github.r2dbcrouting.functions;

import org.jspecify.annotations.NullMarked;
