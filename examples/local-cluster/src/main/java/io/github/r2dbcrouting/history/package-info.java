/**
 * Sessions that write and read at random, histories of what they saw, and the check that they could see what they were promised. It
 * knows nothing of what is tested but its {@link io.github.r2dbcrouting.history.Subject port}.
 */
@NullMarked
package io.github.r2dbcrouting.history;

import org.jspecify.annotations.NullMarked;
