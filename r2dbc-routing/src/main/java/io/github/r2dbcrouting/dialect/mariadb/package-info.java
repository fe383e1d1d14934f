/**
 * MariaDB.
 */
@NullMarked
package io.github.r2dbcrouting.dialect.mariadb;

import org.jspecify.annotations.NullMarked;
