/**
 * The Spring Boot starter: the WebFlux session filter; auto-configuration and annotations will stand here. A Boot application uses the
 * routing by its URL until then.
 */
@NullMarked
package io.github.r2dbcrouting.spring;

import org.jspecify.annotations.NullMarked;
