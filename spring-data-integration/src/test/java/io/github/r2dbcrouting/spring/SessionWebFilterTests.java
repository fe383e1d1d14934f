package io.github.r2dbcrouting.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.RoutingConnectionFactory;
import io.github.r2dbcrouting.RoutingOptions;
import io.github.r2dbcrouting.carrier.CarriedSessions;
import io.github.r2dbcrouting.carrier.TokenCarrier;
import io.github.r2dbcrouting.carrier.TokenCookie;
import io.github.r2dbcrouting.carrier.TokenHeaders;
import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import io.netty.handler.codec.http.HttpMethod;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.server.reactive.ReactorHttpHandlerAdapter;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.web.reactive.function.server.HandlerStrategies;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientResponse;
import reactor.netty.http.server.HttpServer;

/** Two processes with a web server each, over a cluster whose replicas do not replay: what one wrote, the other one shows. */
class SessionWebFilterTests {

    @RegisterExtension
    static final LocalClusterExtension EXTENSION =
            LocalClusterExtension.of(LocalCluster.postgresql().replicas(2));

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String KEY = "0123456789abcdef".repeat(4);
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    private final LocalCluster cluster = EXTENSION.cluster();
    private final String note = "note" + NUMBERS.incrementAndGet();

    @BeforeEach
    void createTable() {
        cluster.execute("CREATE TABLE IF NOT EXISTS note (text varchar(100))");
        cluster.awaitReplication();
    }

    /** Not before the applications have seen how far the replicas are. */
    private void pauseReplicas() {
        cluster.replicas().forEach(ClusterNode::pauseReplay);
    }

    @AfterEach
    void resumeReplicas() {
        cluster.heal();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldSeeInTheNextRequestWhatAnotherProcessWrote(boolean byCookie) {
        try (Application here = new Application(byCookie);
                Application there = new Application(byCookie)) {
            pauseReplicas();
            String token = token(here.send("POST", "/" + note, null), byCookie);

            assertThat(body(there.send("GET", "/" + note, null)))
                    .as("without the token")
                    .isEqualTo("0");
            Answer shown = there.send("GET", "/" + note, token);
            assertThat(body(shown)).isEqualTo("1");
            assertThat(token(shown, byCookie)).as("goes on").isNotNull();
            assertThat(body(here.send("GET", "/" + note, token(shown, byCookie))))
                    .isEqualTo("1");
            assertThat(there.sessions.counts().unreachable()).isZero();
        }
    }

    @Test
    void shouldServeARequestWhateverItsToken() {
        try (Application here = new Application(true);
                Application there = new Application(true)) {
            pauseReplicas();
            here.send("POST", "/" + note, null);

            assertThat(body(there.send("GET", "/" + note, "routing-session=nonsense")))
                    .isEqualTo("1");
            assertThat(there.factory.tokens().counts().doubted()).isOne();
        }
    }

    @Test
    void shouldKeepTheSessionOfARequestThatFails() {
        try (Application here = new Application(true);
                Application there = new Application(true)) {
            pauseReplicas();
            Answer failed = here.send("POST", "/failing/" + note, null);

            assertThat(failed.response.status().code()).isEqualTo(500);
            assertThat(body(there.send("GET", "/" + note, token(failed, true)))).isEqualTo("1");
        }
    }

    @Test
    void shouldGiveNoCookieToWhomItHasNothingToTell() {
        try (Application here = new Application(true)) {
            Answer nothing = here.send("GET", "/nothing/at-all", null);

            assertThat(body(nothing)).isEqualTo("nothing");
            assertThat(nothing.response.responseHeaders().get("Set-Cookie")).isNull();
        }
    }

    private static String body(Answer answer) {
        assertThat(answer.response.status().code()).isEqualTo(200);
        return answer.body;
    }

    /** Returns what a client sends back. */
    private static String token(Answer answer, boolean byCookie) {
        String header = answer.response.responseHeaders().get(byCookie ? "Set-Cookie" : TokenHeaders.NAME);
        if (byCookie) {
            assertThat(header).contains("; HttpOnly; SameSite=Lax").contains("Max-Age=3600");
            return header.substring(0, header.indexOf(';'));
        }
        return header;
    }

    private record Answer(HttpClientResponse response, String body) {}

    /** An application with its own factory and web server. */
    private final class Application implements AutoCloseable {

        private final boolean byCookie;
        private final RoutingConnectionFactory factory;
        private final CarriedSessions sessions;
        private final DisposableServer server;
        private final DatabaseClient database;

        Application(boolean byCookie) {
            this.byCookie = byCookie;
            var builder = RoutingConnectionFactory.builder()
                    .driver("postgresql")
                    .credentials(cluster.username(), cluster.password())
                    .monitorCredentials(cluster.monitorUsername(), cluster.monitorPassword())
                    .database(cluster.database())
                    .maxLag(Duration.ofMinutes(1))
                    .tokenKeys(KEY)
                    .option(RoutingOptions.PROBE_TIMEOUT, Duration.ofSeconds(10))
                    .option(RoutingOptions.TOKEN_EXPORT_TIMEOUT, LIMIT);
            cluster.nodes().forEach(node -> builder.node(node.name(), node.host(), node.port()));
            factory = builder.build();
            sessions = new CarriedSessions(factory.tokens());
            database = DatabaseClient.create(factory);
            Function<ServerWebExchange, TokenCarrier> carriers = byCookie
                    ? SessionWebFilter.cookie(
                            TokenCookie.of(factory.tokens().lifetime()).withoutTls())
                    : SessionWebFilter.header(TokenHeaders.NAME);
            server = HttpServer.create()
                    .host("127.0.0.1")
                    .port(0)
                    .handle(new ReactorHttpHandlerAdapter(RouterFunctions.toHttpHandler(
                            routes(),
                            HandlerStrategies.builder()
                                    .webFilter(new SessionWebFilter(sessions, carriers))
                                    .build())))
                    .bindNow(LIMIT);
            awaitReplicas();
        }

        /** On a slow machine a factory may begin with the primary alone. */
        private void awaitReplicas() {
            Flux.from(database.sql("SELECT 1").fetch().rowsUpdated()).blockLast(LIMIT);
            factory.topology()
                    .filter(topology -> topology.nodes().stream()
                            .allMatch(node -> node.isUsable()
                                    && node.replication() != null
                                    && node.replication().lag() != null))
                    .blockFirst(LIMIT);
        }

        private RouterFunction<ServerResponse> routes() {
            return RouterFunctions.route()
                    .POST(
                            "/failing/{note}",
                            request -> insert(request.pathVariable("note"))
                                    .then(Mono.error(new IllegalStateException("of the handler"))))
                    .POST(
                            "/{note}",
                            request -> insert(request.pathVariable("note"))
                                    .then(ServerResponse.ok().bodyValue("saved")))
                    .GET("/nothing/at-all", request -> ServerResponse.ok().bodyValue("nothing"))
                    .GET(
                            "/{note}",
                            request -> database.sql("SELECT count(*) FROM note WHERE text = :text")
                                    .bind("text", request.pathVariable("note"))
                                    .map(row -> row.get(0, Long.class))
                                    .one()
                                    .flatMap(count -> ServerResponse.ok().bodyValue(count.toString())))
                    .build();
        }

        private Mono<Void> insert(String text) {
            return database.sql("INSERT INTO note VALUES (:text)")
                    .bind("text", text)
                    .fetch()
                    .rowsUpdated()
                    .then();
        }

        Answer send(String method, String path, String token) {
            return HttpClient.create()
                    .headers(headers -> {
                        if (token != null) {
                            headers.set(byCookie ? "Cookie" : TokenHeaders.NAME, token);
                        }
                    })
                    .request(HttpMethod.valueOf(method))
                    .uri("http://127.0.0.1:" + server.port() + path)
                    .responseSingle((response, body) ->
                            body.asString().defaultIfEmpty("").map(text -> new Answer(response, text)))
                    .block(LIMIT);
        }

        @Override
        public void close() {
            server.disposeNow(LIMIT);
            factory.close().block(LIMIT);
        }
    }
}
