/**
 * The virtual connection, its statements and their results: what is sent, when it is sent again, and what becomes of it when nobody wants
 * it any more.
 */
@NullMarked
package io.github.r2dbcrouting.connection;

import org.jspecify.annotations.NullMarked;
