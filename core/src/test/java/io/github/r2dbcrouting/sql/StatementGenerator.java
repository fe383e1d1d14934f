package io.github.r2dbcrouting.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/**
 * Makes up statements by a grammar of its own, as lists of tokens, and remembers what it put into them: whether that makes
 * them more than reads, and which tables they read. The same seed gives the same statement.
 */
final class StatementGenerator {

    private static final int DEEPEST = 3;

    private static final List<String> HARMLESS =
            List.of("lower", "upper", "count", "coalesce", "now", "max", "replace");
    private static final List<String> COMPARISONS = List.of("=", "<", ">", "like", "<>");

    private final Random random;
    private final boolean postgresql;
    private final List<String> tokens = new ArrayList<>();
    private final Set<String> tables = new TreeSet<>();
    private final List<String> expressions = new ArrayList<>();
    private boolean read = true;

    private StatementGenerator(SqlDialect dialect, Random random) {
        this.random = random;
        this.postgresql = dialect == SqlDialect.POSTGRESQL;
    }

    /**
     * A statement that was made up.
     *
     * @param tokens between which any blanks and comments may stand
     * @param read whether nothing in it does more than read
     * @param tables the tables that it reads
     */
    record Generated(List<String> tokens, boolean read, Set<String> tables) {}

    static Generated statement(SqlDialect dialect, long seed) {
        StatementGenerator generator = new StatementGenerator(dialect, new Random(seed));
        generator.statement();
        return new Generated(generator.tokens, generator.read, generator.tables);
    }

    private void statement() {
        switch (random.nextInt(10)) {
            case 0 -> change();
            case 1 -> {
                read = false;
                put(pick("begin", "commit", "rollback", "start transaction read only", "savepoint a", "set x = 1"));
            }
            case 2 -> {
                put("explain");
                query(0);
            }
            case 3 -> {
                query(0);
                put(";");
                read = false;
                change();
            }
            default -> query(0);
        }
    }

    private void query(int depth) {
        int known = expressions.size();
        if (one(4)) {
            with(depth);
        }
        select(depth);
        while (one(6)) {
            put(pick("union all", "union", "except"));
            select(depth);
        }
        if (one(3)) {
            put("order by 1 , 2");
        }
        if (one(4)) {
            put("limit 5");
        }
        if (one(12)) {
            read = false;
            put(pick("for update", "for share"));
        }
        while (expressions.size() > known) {
            expressions.remove(expressions.size() - 1);
        }
    }

    private void with(int depth) {
        put("with");
        for (int i = random.nextInt(2); i >= 0; i--) {
            String name = pick("share", "cte1", "cte2", "first_one");
            put(name + " as (");
            if (postgresql && one(8)) {
                change();
                put("returning a");
            } else {
                body(depth);
            }
            put(")");
            expressions.add(name);
            put(i == 0 ? "" : ",");
        }
    }

    private void body(int depth) {
        if (depth < DEEPEST) {
            query(depth + 1);
        } else {
            put("select 1");
        }
    }

    private void select(int depth) {
        put("select");
        put(one(6) ? "distinct" : "");
        expression(depth);
        while (one(2)) {
            put(",");
            expression(depth);
        }
        if (one(30)) {
            read = false;
            put(postgresql ? "into new_table" : "into outfile '/x'");
        }
        if (!one(8)) {
            put("from");
            source(depth);
            while (one(3)) {
                put(pick(",", "cross join"));
                source(depth);
            }
        }
        if (one(2)) {
            put("where");
            condition(depth);
        }
        if (one(6)) {
            put("group by x , y");
        }
    }

    private void source(int depth) {
        if (one(4) && depth < DEEPEST) {
            put("(");
            query(depth + 1);
            put(") as");
            put(pick("x", "y", "z"));
        } else if (one(3) && !expressions.isEmpty()) {
            put(expressions.get(random.nextInt(expressions.size())));
        } else {
            String name = pick("t", "u", "v");
            boolean qualified = one(3);
            String quote = postgresql ? "\"" : "`";
            String written = one(4) ? quote + name + quote : name;
            put(qualified ? "s . " + written : written);
            tables.add(qualified ? "s." + name : name);
            put(one(2) ? "as " + pick("a", "b", "c") : "");
        }
    }

    private void condition(int depth) {
        expression(depth);
        put(pick(COMPARISONS));
        expression(depth);
        if (one(3)) {
            put(pick("and", "or"));
            condition(depth);
        }
        if (one(4) && depth < DEEPEST) {
            put("and exists (");
            query(depth + 1);
            put(")");
        }
    }

    private void expression(int depth) {
        switch (random.nextInt(12)) {
            case 0, 1 -> {
                put(pick(HARMLESS) + " (");
                expression(depth);
                put(")");
            }
            case 2 -> put(pick("'it''s; delete from t'", "'--'", "'/* '", "'a'", "' for update '"));
            case 3 -> put(postgresql ? pick("$1", "$2", "$$ ; delete $$", "E'\\''") : pick("?", "`a b`", "'\\\\'"));
            case 4 -> {
                if (depth < DEEPEST) {
                    put("(");
                    query(depth + 1);
                    put(")");
                } else {
                    put("1");
                }
            }
            case 5 -> dangerous();
            case 6 -> put("t . update");
            case 7 -> put("case when a = 1 then 'x' else b end");
            default -> put(pick("a", "b . c", "1", "2.5", "null", "current_timestamp"));
        }
    }

    private void dangerous() {
        if (!one(6)) {
            put("a");
            return;
        }
        read = false;
        put(pick(
                "my_function",
                "nextval",
                postgresql ? "pg_advisory_lock" : "get_lock",
                postgresql ? "currval" : "found_rows"));
        put("( 's' )");
    }

    private void change() {
        read = false;
        put(pick(
                "insert into t ( a ) values ( 1 )",
                "update t set a = 1 where b = 2",
                "delete from t where a = 1",
                "insert into t select * from u"));
    }

    private boolean one(int of) {
        return random.nextInt(of) == 0;
    }

    private String pick(String... texts) {
        return texts[random.nextInt(texts.length)];
    }

    private String pick(List<String> texts) {
        return texts.get(random.nextInt(texts.size()));
    }

    /** Splits at blanks outside of quotes, since a literal is one token. */
    private void put(String text) {
        StringBuilder token = new StringBuilder();
        char quote = 0;
        for (char c : text.toCharArray()) {
            if (quote != 0) {
                quote = c == quote ? 0 : quote;
            } else if (c == '\'' || c == '"' || c == '`') {
                quote = c;
            }
            boolean inDollars = text.startsWith("$$");
            if (c == ' ' && quote == 0 && !inDollars) {
                flush(token);
            } else {
                token.append(c);
            }
        }
        flush(token);
    }

    private void flush(StringBuilder token) {
        if (token.length() > 0) {
            tokens.add(token.toString());
            token.setLength(0);
        }
    }
}
