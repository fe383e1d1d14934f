package io.github.r2dbcrouting.spring;

import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.annotation.ReadOnlyProperty;
import org.springframework.data.relational.core.mapping.Table;

/**
 * A note, in which the servers themselves testify.
 *
 * @param id given by the server
 * @param text what the user wrote
 * @param writtenAt the port of the server that inserted the row
 * @param readAt the port of the server that returned the row
 */
@Table("note")
record Note(
        @Id @Nullable Integer id,
        String text,
        @ReadOnlyProperty @Nullable Integer writtenAt,
        @ReadOnlyProperty @Nullable Integer readAt) {

    static Note of(String text) {
        return new Note(null, text, null, null);
    }

    Note withText(String other) {
        return new Note(id, other, writtenAt, readAt);
    }
}
