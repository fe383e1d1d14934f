/** Which nodes there are, while the application runs: they are added, removed, drained and given other shares. */
@NullMarked
package io.github.r2dbcrouting.membership;

import org.jspecify.annotations.NullMarked;
