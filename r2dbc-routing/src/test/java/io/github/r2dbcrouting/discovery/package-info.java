/** Nodes that are found rather than named. */
@NullUnmarked
package io.github.r2dbcrouting.discovery;

import org.jspecify.annotations.NullUnmarked;
