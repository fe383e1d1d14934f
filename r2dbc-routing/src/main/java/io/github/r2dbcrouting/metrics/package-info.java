/** What a factory counts, as meters of Micrometer; needs {@code io.micrometer:micrometer-core}. */
@NullMarked
package io.github.r2dbcrouting.metrics;

import org.jspecify.annotations.NullMarked;
