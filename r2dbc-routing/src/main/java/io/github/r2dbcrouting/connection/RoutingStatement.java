package io.github.r2dbcrouting.connection;

import io.github.r2dbcrouting.dialect.KnownBinds;
import io.github.r2dbcrouting.sql.StatementProfile;
import io.github.r2dbcrouting.virtual.Recipe;
import io.github.r2dbcrouting.virtual.Recipe.Shape;
import io.github.r2dbcrouting.virtual.VirtualSession;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Result;
import io.r2dbc.spi.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;

/**
 * A statement that knows where it runs only when it is executed. What is asked of it is checked at once by a statement
 * of the driver that is never executed, and repeated on the one that is.
 */
final class RoutingStatement implements Statement {

    private final VirtualSession session;
    private final String sql;
    private final List<Consumer<Statement>> steps = new ArrayList<>(4);
    private @Nullable Statement template;
    private @Nullable KnownBinds known;
    private long bound;
    private boolean allKnown = true;
    private Shape shape = Shape.TEXT;

    RoutingStatement(VirtualSession session, String sql) {
        this.session = session;
        this.sql = sql;
    }

    @Override
    public Statement add() {
        shape = Shape.SERIES;
        return step(Statement::add);
    }

    @Override
    public Statement bind(int index, Object value) {
        return bind((Object) index, value, statement -> statement.bind(index, value));
    }

    @Override
    public Statement bind(String name, Object value) {
        return bind((Object) name, value, statement -> statement.bind(name, value));
    }

    @Override
    public Statement bindNull(int index, Class<?> type) {
        bound();
        return step(statement -> statement.bindNull(index, type));
    }

    @Override
    public Statement bindNull(String name, Class<?> type) {
        bound();
        return step(statement -> statement.bindNull(name, type));
    }

    @Override
    public Statement returnGeneratedValues(String... columns) {
        return step(statement -> statement.returnGeneratedValues(columns));
    }

    @Override
    public Statement fetchSize(int rows) {
        return step(statement -> statement.fetchSize(rows));
    }

    private Statement bind(@Nullable Object identifier, @Nullable Object value, Consumer<Statement> step) {
        bound();
        if (identifier == null || value == null) {
            return step(step);
        }
        long bit = template == null ? known().bit(identifier, value) : 0;
        if (bit == 0) {
            step.accept(template());
            bit = known().accepted(identifier, value);
        }
        allKnown &= bit != 0;
        bound |= bit;
        steps.add(step);
        return this;
    }

    private void bound() {
        if (shape == Shape.TEXT) {
            shape = Shape.BOUND;
        }
    }

    private Statement step(Consumer<Statement> step) {
        step.accept(template());
        allKnown = false;
        steps.add(step);
        return this;
    }

    private KnownBinds known() {
        KnownBinds present = known;
        if (present == null) {
            present = session.services().driver().template().binds(sql);
            known = present;
        }
        return present;
    }

    /** Made late, and then brought to where this statement is. */
    private Statement template() {
        Statement present = template;
        if (present == null) {
            Statement fresh = session.services().driver().template().statement(sql);
            steps.forEach(step -> step.accept(fresh));
            template = fresh;
            present = fresh;
        }
        return present;
    }

    /**
     * Returns a cold publisher of the results: each subscription routes and sends anew, with what was bound when this
     * method was called. Cancelling it before anything was sent leaves nothing running; what runs already is drained, or
     * cancelled at the server if that takes too long.
     *
     * @throws IllegalStateException if parameters are missing, as the driver says
     */
    @Override
    public Publisher<? extends Result> execute() {
        if (!steps.isEmpty() && !(allKnown && known().isComplete(bound))) {
            // Assembled for its checks; nothing happens unless it is subscribed to, which it never is.
            template().execute();
            if (allKnown) {
                known().completed(bound);
            }
        }
        StatementProfile profile = session.services().profiles().profile(sql);
        return new Results(session, new Bound(sql, shape, List.copyOf(steps)), profile);
    }

    @Override
    public String toString() {
        return "RoutingStatement[" + sql + "]";
    }

    /** A text and what was asked of its statement, in order. */
    private record Bound(String sql, Shape shape, List<Consumer<Statement>> steps) implements Recipe {

        @Override
        public Publisher<? extends Result> execute(Connection connection) {
            Statement statement = connection.createStatement(sql);
            bind(statement);
            return statement.execute();
        }

        @Override
        public void bind(Statement statement) {
            for (int i = 0; i < steps.size(); i++) {
                steps.get(i).accept(statement);
            }
        }
    }
}
