/**
 * The virtual connection: it takes a physical one only when a statement or a transaction shows where it must go.
 */
@NullMarked
package io.github.r2dbcrouting.connection;

import org.jspecify.annotations.NullMarked;
