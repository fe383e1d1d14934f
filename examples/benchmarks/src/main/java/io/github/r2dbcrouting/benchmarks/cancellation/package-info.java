/**
 * What work leaves behind that is cancelled at random moments: {@code cancellation}.
 */
@NullMarked
package io.github.r2dbcrouting.benchmarks.cancellation;

import org.jspecify.annotations.NullMarked;
