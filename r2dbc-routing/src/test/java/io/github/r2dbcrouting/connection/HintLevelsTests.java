package io.github.r2dbcrouting.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.Routing;
import io.github.r2dbcrouting.selection.RoutingHints;
import io.github.r2dbcrouting.topology.NodeId;
import io.github.r2dbcrouting.topology.NodeRole;
import io.github.r2dbcrouting.transaction.TransactionHints;
import io.r2dbc.spi.Option;
import io.r2dbc.spi.TransactionDefinition;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/**
 * Every level that says where a statement goes against every weaker one: open transaction, pin of the session, node named in
 * the context, comment, context, definition of the transaction, derived factory, classification.
 */
class HintLevelsTests {

    private final ScriptedDriver driver = new ScriptedDriver();

    @AfterEach
    void close() {
        driver.close();
    }

    @ParameterizedTest(name = "{0}: {1}, context {2}, factory {3} -> {4}")
    @CsvSource({
        // what came before, comment, context, factory, where a read goes
        "transaction, , node r1, , p",
        "transaction, node=r1, , , p",
        "transaction, replica, , , p",
        "transaction, , replica, , p",
        "transaction, , , node r1, p",
        "transaction, , , replica, p",
        "transaction, , , , p",
        "pin, , node r1, , p",
        "pin, node=r1, , , p",
        "pin, replica, , , p",
        "pin, , replica, , p",
        "pin, , , replica, p",
        "pin, , , , p",
        "nothing, node=r2, node r1, , r1",
        "nothing, primary, node r1, , r1",
        "nothing, , node r1, primary, r1",
        "nothing, , node r1, node r2, r1",
        "nothing, , node p, , p",
        "nothing, node=r2, primary, , r2",
        "nothing, replica, primary, , r",
        "nothing, primary, replica, , p",
        "nothing, primary, , replica, p",
        "nothing, primary, , node r1, p",
        "nothing, node=r2, , node r1, r2",
        "nothing, primary, , , p",
        "nothing, , primary, replica, p",
        "nothing, , primary, node r1, p",
        "nothing, , replica, primary, r",
        "nothing, , primary, , p",
        "nothing, , , primary, p",
        "nothing, , , node r2, r2",
        "nothing, , , , r",
    })
    void shouldSendAReadWhereTheStrongestLevelSays(
            String before, String comment, String context, String factory, String node) {
        RoutingConnection connection = driver.connect(hints(factory));
        bring(connection, before);
        Signals read = Signals.of(Flux.from(connection
                        .createStatement(comment == null ? "SELECT 1" : "SELECT 1 /*+ route: " + comment + " */")
                        .execute())
                .concatMap(result -> result.map((row, metadata) -> row.get(0)))
                .contextWrite(wishing(context)));
        assertThat(read.error).isNull();
        assertThat(driver.sender().node).startsWith(node);
    }

    @ParameterizedTest(name = "context {0}, definition {1} {2}, factory {3} -> {4}")
    @CsvSource({
        // context, definition: hints and read-only, factory, where the transaction begins
        "node r1, node r2, , , r1",
        "node r1, , false, , r1",
        "node p, , true, , p",
        "primary, replica, , , p",
        "primary, , true, , p",
        "primary, , , replica, p",
        "replica, primary, , , r",
        "replica, , false, , r",
        "replica, , , primary, r",
        ", node r2, , node r1, r2",
        ", primary, true, , p",
        ", replica, false, , r",
        ", replica, , primary, r",
        ", , true, primary, p",
        ", , false, replica, r",
        ", , , node r2, r2",
        ", , , primary, p",
        ", , true, , r",
        ", , , , p",
    })
    void shouldBeginATransactionWhereTheStrongestLevelSays(
            String context, String definition, Boolean readOnly, String factory, String node) {
        RoutingConnection connection = driver.connect(hints(factory));
        Map<Option<?>, Object> attributes = new HashMap<>();
        if (definition != null) {
            attributes.put(TransactionHints.ATTRIBUTE, hints(definition));
        }
        if (readOnly != null) {
            attributes.put(TransactionDefinition.READ_ONLY, readOnly);
        }
        Signals begun =
                Signals.of(connection.beginTransaction(definition(attributes)).contextWrite(wishing(context)));
        assertThat(begun.error).isNull();
        Signals.rows(connection, "SELECT 1");
        assertThat(driver.sender().node).startsWith(node);
    }

    @Test
    void shouldBeginReadOnlyOnAReplicaThatAHintAsksForWhateverTheDefinitionSays() {
        TransactionDefinition writing = definition(Map.of(TransactionDefinition.READ_ONLY, false));
        TransactionDefinition sent = TransactionHints.readOnly(writing);
        assertThat(sent.getAttribute(TransactionDefinition.READ_ONLY)).isTrue();
        assertThat(sent.getAttribute(TransactionDefinition.NAME)).isNull();
        assertThat(TransactionHints.readOnly(null).getAttribute(TransactionDefinition.READ_ONLY))
                .isTrue();
        TransactionDefinition reading = definition(Map.of(TransactionDefinition.READ_ONLY, true));
        assertThat(TransactionHints.readOnly(reading)).isSameAs(reading);

        RoutingConnection connection = driver.connect();
        Signals.of(connection.beginTransaction().contextWrite(Routing.replica()));
        assertThat(driver.connections.get(0).node).startsWith("r");
        assertThat(driver.connections.get(0).calls).containsExactly("begin as defined");
    }

    private void bring(RoutingConnection connection, String before) {
        if (before.equals("transaction")) {
            Signals.of(connection
                    .beginTransaction()
                    .contextWrite(Routing.unhinted().andThen(Routing.primary())));
        } else if (before.equals("pin")) {
            Signals.of(Mono.from(connection
                            .createStatement("INSERT INTO t VALUES (1)")
                            .execute())
                    .contextWrite(Routing.primary()));
            driver.sent().answer();
        }
    }

    private static Function<Context, Context> wishing(String hints) {
        return context -> hints == null ? context : context.put(RoutingHints.CONTEXT_KEY, hints(hints));
    }

    private static RoutingHints hints(String text) {
        if (text == null) {
            return RoutingHints.NONE;
        }
        return switch (text) {
            case "primary" -> RoutingHints.of(NodeRole.PRIMARY);
            case "replica" -> RoutingHints.of(NodeRole.REPLICA);
            default -> RoutingHints.of(new NodeId(text.substring("node ".length())));
        };
    }

    private static TransactionDefinition definition(Map<Option<?>, Object> attributes) {
        return new TransactionDefinition() {
            @Override
            @SuppressWarnings("unchecked")
            public <T> T getAttribute(Option<T> option) {
                return (T) attributes.get(option);
            }
        };
    }
}
