/**
 * Spring, unmodified, over the routing: repositories, {@code DatabaseClient}, transactions, and a Boot application.
 */
@NullMarked
package io.github.r2dbcrouting.spring;

import org.jspecify.annotations.NullMarked;
