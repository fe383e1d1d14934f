/** Interleavings on real servers that break simpler ways of showing a session what it has seen. */
@NullMarked
package io.github.r2dbcrouting.guarantees;

import org.jspecify.annotations.NullMarked;
