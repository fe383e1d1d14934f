/** Nodes that come and go while the application runs. */
@NullUnmarked
package io.github.r2dbcrouting.membership;

import org.jspecify.annotations.NullUnmarked;
