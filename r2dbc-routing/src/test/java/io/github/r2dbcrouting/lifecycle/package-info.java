/**
 * What factories leave behind when their application ends.
 */
@NullMarked
package io.github.r2dbcrouting.lifecycle;

import org.jspecify.annotations.NullMarked;
