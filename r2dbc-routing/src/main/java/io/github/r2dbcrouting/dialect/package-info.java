/**
 * The port for one kind of database, and the one adapter through which every driver call is made.
 */
@NullMarked
package io.github.r2dbcrouting.dialect;

import org.jspecify.annotations.NullMarked;
