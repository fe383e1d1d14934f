/**
 * PostgreSQL.
 */
@NullMarked
package io.github.r2dbcrouting.dialect.postgresql;

import org.jspecify.annotations.NullMarked;
