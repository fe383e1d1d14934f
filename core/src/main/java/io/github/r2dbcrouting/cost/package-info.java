/** What statements cost, as observed: by their texts, in classes of which the choice of a node takes note. */
@NullMarked
package io.github.r2dbcrouting.cost;

import org.jspecify.annotations.NullMarked;
