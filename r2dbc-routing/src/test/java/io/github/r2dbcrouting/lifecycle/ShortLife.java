package io.github.r2dbcrouting.lifecycle;

import io.r2dbc.spi.ConnectionFactories;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.Result;
import java.time.Duration;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** An application that reads and writes a little, and ends. */
public final class ShortLife implements Runnable {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final String url;

    public ShortLife(String url) {
        this.url = url;
    }

    /** Uses a factory that it never closes. */
    public static void main(String... arguments) {
        use(ConnectionFactories.get(arguments[0]));
        System.out.println("has read and written");
    }

    /** Uses a factory and closes it. */
    @Override
    public void run() {
        ConnectionFactory factory = ConnectionFactories.get(url);
        use(factory);
        Mono.from(((io.r2dbc.spi.Closeable) factory).close()).block(LIMIT);
    }

    private static void use(ConnectionFactory factory) {
        for (String sql : new String[] {"INSERT INTO item VALUES (1)", "SELECT id FROM item"}) {
            Flux.usingWhen(
                            factory.create(),
                            connection -> Flux.from(
                                            connection.createStatement(sql).execute())
                                    .flatMap(Result::getRowsUpdated),
                            io.r2dbc.spi.Connection::close)
                    .blockLast(LIMIT);
        }
    }
}
