/**
 * One physical connection as a virtual one holds it: who uses it, what its transaction and its writes have come to, when it is given up,
 * and how it goes back.
 */
@NullMarked
package io.github.r2dbcrouting.hold;

import org.jspecify.annotations.NullMarked;
