package io.github.r2dbcrouting.connection;

import io.r2dbc.spi.Result;
import io.r2dbc.spi.Statement;
import reactor.core.publisher.Flux;

/** Takes every bind. */
record ScriptedStatement(ScriptedConnection connection, String sql) implements Statement {

    @Override
    public Statement add() {
        return this;
    }

    @Override
    public Statement bind(int index, Object value) {
        return this;
    }

    @Override
    public Statement bind(String name, Object value) {
        return this;
    }

    @Override
    public Statement bindNull(int index, Class<?> type) {
        return this;
    }

    @Override
    public Statement bindNull(String name, Class<?> type) {
        return this;
    }

    @Override
    public Flux<Result> execute() {
        return connection.execute(sql);
    }
}
