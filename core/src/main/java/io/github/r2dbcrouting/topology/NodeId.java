package io.github.r2dbcrouting.topology;

/**
 * The name of a node, unique within a factory: the configured one, or {@code host:port}.
 *
 * @param name a non-blank name
 */
public record NodeId(String name) {

    public NodeId {
        if (name.isBlank()) {
            throw new IllegalArgumentException("a node's name must not be blank");
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
