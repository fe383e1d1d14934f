/** Histories of what sessions wrote and read, and the check that they could see what they were promised. */
@NullMarked
package io.github.r2dbcrouting.history;

import org.jspecify.annotations.NullMarked;
