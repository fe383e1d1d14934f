package io.github.r2dbcrouting.transaction;

import io.r2dbc.spi.Result;
import io.r2dbc.spi.Statement;
import java.nio.ByteBuffer;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;

/** Adds up what is kept of a statement with its parameters, about. */
public final class Footprint implements Statement {

    private static final int REFERENCE = 32;

    private long bytes;

    public Footprint(String sql) {
        bytes = REFERENCE + 2L * sql.length();
    }

    /** Returns the size in bytes. */
    public long bytes() {
        return bytes;
    }

    private Statement bound(Object value) {
        if (value instanceof CharSequence text) {
            bytes += 2L * text.length();
        } else if (value instanceof byte[] array) {
            bytes += array.length;
        } else if (value instanceof ByteBuffer buffer) {
            bytes += buffer.remaining();
        }
        bytes += REFERENCE;
        return this;
    }

    @Override
    public Statement add() {
        return this;
    }

    @Override
    public Statement bind(int index, Object value) {
        return bound(value);
    }

    @Override
    public Statement bind(String name, Object value) {
        return bound(value);
    }

    @Override
    public Statement bindNull(int index, Class<?> type) {
        return bound(type);
    }

    @Override
    public Statement bindNull(String name, Class<?> type) {
        return bound(type);
    }

    @Override
    public Publisher<? extends Result> execute() {
        return Flux.empty();
    }
}
