/** What goes wrong with clusters, and is mended again. */
@NullMarked
package io.github.r2dbcrouting.fault;

import org.jspecify.annotations.NullMarked;
