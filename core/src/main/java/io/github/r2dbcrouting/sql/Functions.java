package io.github.r2dbcrouting.sql;

import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What calling a function does: by the words of the dialect, and where they do not know it, by what the server says of it.
 * The words know better of what is built in: that a volatile function is harmless, or that one which a replica runs is not.
 */
final class Functions {

    private final SqlDialect dialect;
    private final FunctionCatalog catalog;

    /** Words for harmless functions of which a user has made one that is not; there hardly ever is any. */
    private final Set<String> overloaded;

    Functions(SqlDialect dialect, FunctionCatalog catalog) {
        this.dialect = dialect;
        this.catalog = catalog;
        this.overloaded = catalog.overloading().stream()
                .filter(name -> listed(name) == Effect.NONE)
                .collect(Collectors.toUnmodifiableSet());
    }

    /**
     * Returns what calling the current word does.
     *
     * @param unqualified whether it is without a schema, and so means the built-in function unless a user has made another
     * @param builtIn whether it names the schema of the built-in functions
     */
    Effect effect(Tokens call, boolean unqualified, boolean builtIn) {
        if (!areListed(call, unqualified || builtIn)) {
            return catalog.size() == 0 ? Effect.UNKNOWN : catalogued(name(call));
        }
        Effect listed = call.rawWord().effect();
        boolean other =
                unqualified && listed == Effect.NONE && !overloaded.isEmpty() && overloaded.contains(name(call));
        return other ? Effect.UNKNOWN : listed;
    }

    /** Returns whether the words know the current one. */
    boolean areListed(Tokens call, boolean mayBeBuiltIn) {
        return mayBeBuiltIn && call.current() == Token.WORD && call.rawWord().effect() != Effect.UNKNOWN;
    }

    private Effect catalogued(String name) {
        if (!catalog.harmless().contains(name)) {
            return Effect.UNKNOWN;
        }
        Effect listed = listed(name);
        return listed == Effect.NONE || listed == Effect.UNKNOWN ? Effect.NONE : Effect.UNKNOWN;
    }

    private Effect listed(String name) {
        return Vocabulary.of(dialect).word(name.toCharArray(), 0, name.length()).effect();
    }

    /** Returns whether the server has said nothing of the functions of a name. */
    boolean areUnheardOf(String name) {
        return !catalog.knows(name) && !catalog.knows(name.toLowerCase(Locale.ROOT));
    }

    /** Returns the current word as the server stores such a name. */
    private String name(Tokens call) {
        String name = call.name();
        return dialect == SqlDialect.POSTGRESQL ? name : name.toLowerCase(Locale.ROOT);
    }
}
