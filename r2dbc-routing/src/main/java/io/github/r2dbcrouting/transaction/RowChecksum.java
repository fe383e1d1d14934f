package io.github.r2dbcrouting.transaction;

import io.r2dbc.spi.ColumnMetadata;
import io.r2dbc.spi.Row;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.temporal.Temporal;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A checksum of rows, in their order. Values are taken as texts or bytes; never as what can be read only once. */
final class RowChecksum {

    private final MessageDigest digest;
    private boolean comparable = true;
    private @Nullable String value;

    RowChecksum() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("every Java platform has SHA-256", missing);
        }
    }

    /** Adds a row, and returns its size in bytes. */
    long add(Row row) {
        List<? extends ColumnMetadata> columns = row.getMetadata().getColumnMetadatas();
        long size = 0;
        for (int i = 0; i < columns.size(); i++) {
            byte[] bytes = bytes(row, i, columns.get(i).getJavaType());
            // Its length first, so that no two rows run into the same bytes.
            digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, bytes == null ? -1 : bytes.length));
            if (bytes != null) {
                digest.update(bytes);
                size += bytes.length;
            }
        }
        digest.update((byte) columns.size());
        return size;
    }

    private byte @Nullable [] bytes(Row row, int column, @Nullable Class<?> type) {
        try {
            if (type != null && isBinary(type)) {
                return row.get(column, byte[].class);
            }
            Object plain = type != null && isPlain(type) ? row.get(column) : row.get(column, String.class);
            if (plain == null) {
                return null;
            }
            String text = plain instanceof Object[] array ? Arrays.deepToString(array) : plain.toString();
            return text.getBytes(StandardCharsets.UTF_8);
        } catch (RuntimeException undecodable) {
            comparable = false;
            return null;
        }
    }

    private static boolean isBinary(Class<?> type) {
        return type == byte[].class
                || ByteBuffer.class.isAssignableFrom(type)
                || type.getName().equals("io.r2dbc.spi.Blob");
    }

    /** Values whose text is all of them. */
    private static boolean isPlain(Class<?> type) {
        return type.isArray()
                ? isPlain(type.getComponentType())
                : type.isPrimitive()
                        || CharSequence.class.isAssignableFrom(type)
                        || Number.class.isAssignableFrom(type)
                        || Temporal.class.isAssignableFrom(type)
                        || type == Boolean.class
                        || type == Character.class
                        || type == UUID.class;
    }

    /** Returns whether every value could be read so. */
    boolean isComparable() {
        return comparable;
    }

    String value() {
        String present = value;
        if (present == null) {
            present = HexFormat.of().formatHex(digest.digest());
            value = present;
        }
        return present;
    }
}
