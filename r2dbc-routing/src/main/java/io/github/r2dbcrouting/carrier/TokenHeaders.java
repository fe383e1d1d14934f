package io.github.r2dbcrouting.carrier;

import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Tokens in headers: of HTTP, of messages, or in the metadata of gRPC calls. Whatever holds pairs of a name and a text will do:
 *
 * <pre>{@code
 * // gRPC, in an interceptor: key = Metadata.Key.of(TokenHeaders.NAME, Metadata.ASCII_STRING_MARSHALLER)
 * TokenHeaders.carrier(name -> request.get(key), (name, token) -> response.put(key, token))
 * // a message and the one that it causes
 * TokenHeaders.carrier(received.headers()::get, sent.headers()::put)
 * }</pre>
 *
 * <p>The name is in lower case, as gRPC demands, and a token needs no escaping anywhere.
 */
public final class TokenHeaders {

    /** The name of the header. */
    public static final String NAME = "routing-session";

    private TokenHeaders() {}

    /**
     * Returns a carrier over headers that came and headers that go.
     *
     * @param incoming returns the value of a header, or {@code null} if it did not come
     * @param outgoing sets the value of a header
     */
    public static TokenCarrier carrier(
            Function<String, @Nullable String> incoming, BiConsumer<String, String> outgoing) {
        return carrier(NAME, incoming, outgoing);
    }

    /** Returns such a carrier for a header of another name. */
    public static TokenCarrier carrier(
            String name, Function<String, @Nullable String> incoming, BiConsumer<String, String> outgoing) {
        return new TokenCarrier() {
            @Override
            public Mono<String> load() {
                return Mono.fromSupplier(() -> incoming.apply(name));
            }

            @Override
            public Mono<Void> store(String token) {
                return Mono.fromRunnable(() -> outgoing.accept(name, token));
            }
        };
    }
}
