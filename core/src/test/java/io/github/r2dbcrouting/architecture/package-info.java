/** The rules that every module's own architecture test applies to its main code. */
@NullMarked
package io.github.r2dbcrouting.architecture;

import org.jspecify.annotations.NullMarked;
