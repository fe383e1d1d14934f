/**
 * The Spring Boot starter: auto-configuration, annotations and the WebFlux session filter will stand here. A Boot
 * application uses the routing by its URL until then.
 */
@NullMarked
package io.github.r2dbcrouting.spring;

import org.jspecify.annotations.NullMarked;
