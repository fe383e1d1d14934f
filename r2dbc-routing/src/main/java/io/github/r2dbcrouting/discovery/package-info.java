/** Where the list of nodes comes from, if not from the settings alone, and what keeps a factory's nodes in step with it. */
@NullMarked
package io.github.r2dbcrouting.discovery;

import org.jspecify.annotations.NullMarked;
