package io.github.r2dbcrouting.credentials;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;

/** Where everything secret comes from that one user's connections are opened with. */
public final class SecretSource {

    private final PasswordSource password;
    private final @Nullable Publisher<TlsMaterial> tls;

    public SecretSource(PasswordSource password, @Nullable Publisher<TlsMaterial> tls) {
        this.password = password;
        this.tls = tls;
    }

    /** Returns whether it is always the same. */
    public boolean isFixed() {
        return password.isFixed() && tls == null;
    }

    /** Returns what is known without asking anybody: enough to check the driver's options. */
    public Secret known() {
        return new Secret(password.fixed(), password.isLasting(), tls == null ? null : TlsMaterial.ofTheSystem());
    }

    /** Returns a cold {@link Mono} that asks for the secret of the moment. */
    public Mono<Secret> next() {
        return secret(password.next());
    }

    /** Returns a cold {@link Mono} that asks for as much of it as lasts; empty if nothing does that could change. */
    public Mono<Secret> nextLasting() {
        boolean asksForPassword = password.isLasting() && !password.isFixed();
        return asksForPassword || tls != null
                ? secret(password.isLasting() ? password.next() : Mono.empty())
                : Mono.empty();
    }

    private Mono<Secret> secret(Mono<String> asked) {
        Mono<Optional<TlsMaterial>> materials = tls == null
                ? Mono.just(Optional.empty())
                : Mono.from(tls)
                        .map(Optional::of)
                        .switchIfEmpty(Mono.error(() -> new IllegalStateException("there is no TLS material")));
        return asked.singleOptional()
                .zipWith(
                        materials,
                        (text, material) -> new Secret(text.orElse(null), password.isLasting(), material.orElse(null)));
    }

    @Override
    public String toString() {
        return "SecretSource[<hidden>]";
    }
}
