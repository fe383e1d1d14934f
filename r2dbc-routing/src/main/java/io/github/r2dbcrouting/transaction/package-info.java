/**
 * What is known of transactions apart from the connections they are on: what a text or a definition says of one, one that was lost, and
 * what an optimistic one has read and whether the primary says the same.
 */
@NullMarked
package io.github.r2dbcrouting.transaction;

import org.jspecify.annotations.NullMarked;
