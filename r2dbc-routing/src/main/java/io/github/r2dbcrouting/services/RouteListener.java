package io.github.r2dbcrouting.services;

/** Is told of each statement just before it is sent. Called on the path of statements: it must not block or fail. */
@FunctionalInterface
public interface RouteListener {

    void routed(StatementRoute route);
}
