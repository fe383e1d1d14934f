/**
 * The pool of one node, its generations, and the lease of one connection.
 */
@NullMarked
package io.github.r2dbcrouting.pool;

import org.jspecify.annotations.NullMarked;
