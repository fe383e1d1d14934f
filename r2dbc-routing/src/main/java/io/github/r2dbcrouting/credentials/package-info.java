/**
 * Who logs in, with which password and which TLS material; both may come from suppliers and change.
 */
@NullMarked
package io.github.r2dbcrouting.credentials;

import org.jspecify.annotations.NullMarked;
