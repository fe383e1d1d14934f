/** What a session may observe: the levels of consistency that reads can ask for. */
@NullMarked
package io.github.r2dbcrouting.consistency;

import org.jspecify.annotations.NullMarked;
