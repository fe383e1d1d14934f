package io.github.r2dbcrouting.credentials;

/**
 * What a user may not do on a node, and what does not work therefore.
 *
 * @param user the user, as the server calls it
 * @param privilege what it lacks
 * @param feature what does not work without
 * @param remedy what to do: where a statement gives the privilege, that statement
 */
public record MissingPrivilege(String user, String privilege, String feature, String remedy) {}
