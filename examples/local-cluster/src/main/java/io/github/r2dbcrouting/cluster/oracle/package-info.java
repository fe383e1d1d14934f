/**
 * What real servers say to statements of every kind: texts to ask, and who asks them in read-only transactions.
 */
@NullMarked
package io.github.r2dbcrouting.cluster.oracle;

import org.jspecify.annotations.NullMarked;
