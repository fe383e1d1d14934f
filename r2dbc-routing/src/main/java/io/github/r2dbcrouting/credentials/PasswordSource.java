package io.github.r2dbcrouting.credentials;

import io.github.r2dbcrouting.error.InvalidRoutingOptionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;

/**
 * Where a user's password comes from: it stays the same, or is asked for at each opening of a connection. Prints nothing of
 * it.
 *
 * <p>Publishers and suppliers are asked on threads of Reactor's {@code boundedElastic} scheduler, so they may block. One that has
 * not answered within half the exchange timeout is cancelled, and the thread interrupted if it is blocked.
 */
public final class PasswordSource {

    private static final PasswordSource NONE = new PasswordSource(null, Mono.empty(), true);

    private final @Nullable String fixed;
    private final Publisher<? extends CharSequence> publisher;
    private final boolean lasting;

    private PasswordSource(@Nullable String fixed, Publisher<? extends CharSequence> publisher, boolean lasting) {
        this.fixed = fixed;
        this.publisher = publisher;
        this.lasting = lasting;
    }

    /** Returns a password that stays the same. */
    public static PasswordSource of(CharSequence password) {
        String text = password.toString();
        return new PasswordSource(text, Mono.just(text), true);
    }

    /**
     * Returns a password that may be replaced by another one. Once a node has accepted the new one, the connections to it that
     * were opened with the earlier one are closed: idle ones at once, lent ones when they come back. While a node does not
     * accept the new one yet, the earlier one is used there; so give the new one here first, and to the database then.
     *
     * @param password subscribed to for each opening, and now and then in between; its first element is the password. It must be
     *     cold, and may fail, for instance because a vault is away: the last password that was accepted is used then
     */
    public static PasswordSource rotating(Publisher<? extends CharSequence> password) {
        return new PasswordSource(null, password, true);
    }

    /**
     * Returns passwords that are good for one opening or a short time, such as an IAM token. That two of them differ says
     * nothing of the connections that were opened with the first one, which stay.
     *
     * @param token subscribed to for each opening; its first element is the token. It must be cold, and should
     *     remember its token for as long as that is fresh if making one is costly
     */
    public static PasswordSource tokens(Publisher<? extends CharSequence> token) {
        return new PasswordSource(null, token, false);
    }

    /**
     * Returns the source that an option's value stands for.
     *
     * @param value a text, a publisher or a supplier of it, which is taken for {@linkplain #rotating rotating}; a source; or
     *     {@code null} for no password
     */
    public static PasswordSource from(String option, @Nullable Object value) {
        if (value == null) {
            return NONE;
        }
        if (value instanceof PasswordSource source) {
            return source;
        }
        if (value instanceof CharSequence text) {
            return of(text);
        }
        if (value instanceof Publisher<?> publisher) {
            return rotating(Mono.from(publisher).cast(CharSequence.class));
        }
        if (value instanceof Supplier<?> supplier) {
            return rotating(Mono.fromSupplier(supplier).cast(CharSequence.class));
        }
        throw new InvalidRoutingOptionException(
                option,
                "is a " + value.getClass().getName(),
                "a text, a Publisher or a Supplier of one, or a PasswordSource",
                "give one of these");
    }

    boolean isFixed() {
        return fixed != null || this == NONE;
    }

    @Nullable
    String fixed() {
        return fixed;
    }

    /** Returns whether the same password opens the next connection too, unless it was replaced. */
    boolean isLasting() {
        return lasting;
    }

    /** Asks for the password of the moment; empty for none. */
    Mono<String> next() {
        return Mono.from(publisher).map(CharSequence::toString);
    }

    @Override
    public String toString() {
        return "PasswordSource[<hidden>]";
    }
}
