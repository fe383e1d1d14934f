/**
 * MySQL.
 */
@NullMarked
package io.github.r2dbcrouting.dialect.mysql;

import org.jspecify.annotations.NullMarked;
