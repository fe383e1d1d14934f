/**
 * What all virtual connections of a factory share, and whom they ask and tell: the gate before the primary, the listener of routes, and
 * the tally of what was abandoned.
 */
@NullMarked
package io.github.r2dbcrouting.services;

import org.jspecify.annotations.NullMarked;
