package io.github.r2dbcrouting.credentials;

/**
 * What a user may not do on a node, and what does not work therefore.
 *
 * @param user the user, as the server calls it
 * @param privilege what it lacks
 * @param feature what does not work without
 * @param remedy what to do: where a statement gives the privilege, that statement
 * @param optional whether only rare cases need it
 */
public record MissingPrivilege(String user, String privilege, String feature, String remedy, boolean optional) {

    /** Creates one that is needed. */
    public MissingPrivilege(String user, String privilege, String feature, String remedy) {
        this(user, privilege, feature, remedy, false);
    }
}
