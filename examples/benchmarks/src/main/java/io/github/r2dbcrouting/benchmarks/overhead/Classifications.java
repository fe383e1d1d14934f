package io.github.r2dbcrouting.benchmarks.overhead;

import io.github.r2dbcrouting.sql.SqlClassifier;
import io.github.r2dbcrouting.sql.SqlDialect;
import io.github.r2dbcrouting.sql.StatementProfile;
import io.github.r2dbcrouting.sql.StatementProfiles;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What it costs to know what a statement does: one never seen before, one that is known, and a very long one. */
@State(Scope.Benchmark)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class Classifications {

    /** How many bytes the long text has. */
    static final int LONG_TEXT = 1 << 20;

    private static final int NUMBERS = 32;
    private static final int REMEMBERED_TEXTS = 1_000;

    /** Queries and changes of about 200 characters; {@code ?} becomes a parameter, {@code #} a number. */
    private static final List<String> STATEMENTS = List.of(
            "SELECT item.id, item.name, item.description, item.price, item.currency, item.created_at,"
                    + " item.changed_at FROM item WHERE item.owner_id = ? AND item.state = ?"
                    + " ORDER BY item.created_at DESC LIMIT #",
            "SELECT o.id, o.placed_at, COUNT(*) AS lines, SUM(l.amount * l.price) AS total FROM orders o JOIN order_line l"
                    + " ON l.order_id = o.id WHERE o.customer_id = ? AND o.id > # GROUP BY o.id, o.placed_at HAVING COUNT(*) > 1",
            "WITH recent AS (SELECT id, customer_id FROM orders WHERE placed_at > ? AND shop = 'north #') SELECT c.name,"
                    + " r.id FROM recent r JOIN customer c ON c.id = r.customer_id WHERE LOWER(c.name) LIKE 'a%'",
            "INSERT INTO customer_event (customer_id, kind, happened_at, source, payload, handled) SELECT c.id, 'visited',"
                    + " CURRENT_TIMESTAMP, 'web', ?, 0 FROM customer c WHERE c.id = ? AND c.state <> 'deleted' AND c.shop = #");

    private static final String ROW = "(1, 'some text of a row', 12.50, NOW(), ?, NULL), ";

    private final Texts postgresql = new Texts(SqlDialect.POSTGRESQL);
    private final Texts mysql = new Texts(SqlDialect.MYSQL);

    /** The texts of a dialect. */
    private static final class Texts {

        private final SqlClassifier classifier;
        private final StatementProfiles profiles;
        private final List<String> statements = new ArrayList<>();
        private final List<char[]> characters = new ArrayList<>();
        private final String lengthy;
        private int next;

        Texts(SqlDialect dialect) {
            classifier = SqlClassifier.forDialect(dialect);
            profiles = StatementProfiles.of(classifier, REMEMBERED_TEXTS);
            String parameter = dialect == SqlDialect.POSTGRESQL ? "\\$1" : "?";
            for (int number = 0; number < NUMBERS; number++) {
                for (String statement : STATEMENTS) {
                    String text = statement.replaceAll("\\?", parameter).replace("#", Integer.toString(100 + number));
                    statements.add(text);
                    characters.add(text.toCharArray());
                    profiles.profile(text);
                }
            }
            String rows = ROW.replaceAll("\\?", parameter).repeat(LONG_TEXT / ROW.length());
            lengthy = ("INSERT INTO item (a, b, c, d, e, f) VALUES " + rows + " ".repeat(LONG_TEXT))
                    .substring(0, LONG_TEXT);
        }

        private int next() {
            next = (next + 1) % statements.size();
            return next;
        }

        StatementProfile unseen() {
            return classifier.classify(statements.get(next()));
        }

        StatementProfile known() {
            return profiles.profile(new String(characters.get(next())));
        }

        StatementProfile lengthy() {
            return classifier.classify(lengthy);
        }
    }

    /** Classifies a text of PostgreSQL as if it were never seen before. */
    @Benchmark
    public StatementProfile newPostgresql() {
        return postgresql.unseen();
    }

    /** Classifies a text of MySQL as if it were never seen before. */
    @Benchmark
    public StatementProfile newMysql() {
        return mysql.unseen();
    }

    /** Looks up a text of PostgreSQL that comes in a fresh {@link String}, as Spring makes it. */
    @Benchmark
    public StatementProfile knownPostgresql() {
        return postgresql.known();
    }

    /** Looks up a text of MySQL that comes in a fresh {@link String}. */
    @Benchmark
    public StatementProfile knownMysql() {
        return mysql.known();
    }

    /** Classifies 1 MiB of PostgreSQL. */
    @Benchmark
    public StatementProfile longPostgresql() {
        return postgresql.lengthy();
    }

    /** Classifies 1 MiB of MySQL. */
    @Benchmark
    public StatementProfile longMysql() {
        return mysql.lengthy();
    }
}
