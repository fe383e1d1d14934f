/** What an optimistic transaction has read, and whether the primary says the same. */
@NullMarked
package io.github.r2dbcrouting.transaction;

import org.jspecify.annotations.NullMarked;
