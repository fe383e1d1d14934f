package io.github.r2dbcrouting.cluster;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives a {@link LocalCluster} to a test class: started before its first test, closed after its last, handed to every
 * parameter of that type.
 *
 * <pre>{@code
 * @RegisterExtension
 * static final LocalClusterExtension extension = LocalClusterExtension.of(LocalCluster.postgresql().replicas(2));
 * }</pre>
 *
 * <p>As {@code @ExtendWith(LocalClusterExtension.class)} it is PostgreSQL with two replicas.
 */
public final class LocalClusterExtension implements BeforeAllCallback, ParameterResolver {

    private final LocalClusterBuilder builder;
    private volatile @Nullable LocalCluster cluster;

    /** For {@code @ExtendWith}. */
    public LocalClusterExtension() {
        this(LocalCluster.postgresql());
    }

    private LocalClusterExtension(LocalClusterBuilder builder) {
        this.builder = builder;
    }

    /** Creates an extension for a cluster as the builder describes it. */
    public static LocalClusterExtension of(LocalClusterBuilder builder) {
        return new LocalClusterExtension(builder);
    }

    /**
     * Returns the running cluster.
     *
     * @throws IllegalStateException outside the tests of the class
     */
    public LocalCluster cluster() {
        LocalCluster current = cluster;
        if (current == null) {
            throw new IllegalStateException(
                    "The cluster runs only from before the first test of the class to after its last");
        }
        return current;
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        // Nested classes find the store entry of the outer one. JUnit closes it after the last test.
        context.getStore(ExtensionContext.Namespace.create(LocalClusterExtension.class, this))
                .computeIfAbsent("cluster", key -> {
                    LocalCluster started = builder.start();
                    cluster = started;
                    return started;
                });
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == LocalCluster.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return cluster();
    }
}
