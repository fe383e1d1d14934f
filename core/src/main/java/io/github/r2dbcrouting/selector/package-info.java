/**
 * Which of a snapshot's nodes may serve, and which of them come first: each rule by itself.
 */
@NullMarked
package io.github.r2dbcrouting.selector;

import org.jspecify.annotations.NullMarked;
