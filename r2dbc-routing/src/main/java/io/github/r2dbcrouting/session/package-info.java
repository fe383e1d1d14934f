/** Reads that must see what their session has seen: which replica shows it, and how long to wait for one. */
@NullMarked
package io.github.r2dbcrouting.session;

import org.jspecify.annotations.NullMarked;
