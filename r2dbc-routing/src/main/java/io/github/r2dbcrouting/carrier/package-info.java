/** What carries the tokens of sessions between two requests: cookies, headers of any kind, Redis. */
@NullMarked
package io.github.r2dbcrouting.carrier;

import org.jspecify.annotations.NullMarked;
