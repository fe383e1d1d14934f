package io.github.r2dbcrouting.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.security.SecureRandom;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Against a plain socket at the server's end, so that both ends of a fault are seen. */
@Timeout(20)
class TcpProxyTests {

    private static final int END = -1;
    private static final int SILENCE_MILLIS = 200;

    private ServerSocket server;
    private TcpProxy proxy;

    @BeforeEach
    void start() throws IOException {
        server = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"));
        proxy = new TcpProxy("127.0.0.1", new FreePorts(new SecureRandom()).next(), server.getLocalPort());
    }

    @AfterEach
    void stop() throws IOException {
        proxy.close();
        server.close();
    }

    @Test
    void shouldPassEverythingInBothDirections() throws IOException {
        try (Pair pair = new Pair()) {
            byte[] much = new byte[3_000_000];
            new SecureRandom().nextBytes(much);
            Thread sender = new Thread(() -> pair.sendFromServer(much));
            sender.start();
            assertThat(pair.client.getInputStream().readNBytes(much.length)).isEqualTo(much);
            pair.client.getOutputStream().write(7);
            assertThat(pair.atServer.getInputStream().read()).isEqualTo(7);
        }
    }

    @Test
    void shouldTellTheServerThatTheClientHasGone() throws IOException {
        try (Pair pair = new Pair()) {
            pair.client.close();
            assertThat(pair.atServer.getInputStream().read()).isEqualTo(END);
        }
    }

    @Test
    void shouldTellTheClientThatTheServerHasGone() throws IOException {
        try (Pair pair = new Pair()) {
            pair.atServer.close();
            assertThat(pair.client.getInputStream().read()).isEqualTo(END);
        }
    }

    @Test
    void shouldDelayInEachDirection() throws IOException {
        proxy.latency(Duration.ofMillis(120));
        try (Pair pair = new Pair()) {
            long start = System.nanoTime();
            pair.client.getOutputStream().write(1);
            pair.atServer.getOutputStream().write(pair.atServer.getInputStream().read());
            pair.client.getInputStream().read();
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(240));
        }
    }

    @Test
    void shouldDeliverAtOnceWhatIsLateWhenTheLatencyIsTakenAway() throws IOException {
        try (Pair pair = new Pair()) {
            proxy.latency(Duration.ofSeconds(30));
            pair.client.getOutputStream().write(1);
            assertSilent(pair.atServer);
            proxy.heal();
            assertThat(pair.atServer.getInputStream().read()).isEqualTo(1);
        }
    }

    @Test
    void shouldHoldEverythingInABlackHoleAndDeliverItAfterwards() throws IOException {
        try (Pair pair = new Pair()) {
            proxy.blackHole();
            pair.client.getOutputStream().write(1);
            pair.atServer.getOutputStream().write(2);
            assertSilent(pair.client);
            assertSilent(pair.atServer);
            proxy.heal();
            assertThat(pair.atServer.getInputStream().read()).isEqualTo(1);
            assertThat(pair.client.getInputStream().read()).isEqualTo(2);
        }
    }

    @Test
    void shouldHoldOneDirectionAlone() throws IOException {
        try (Pair pair = new Pair()) {
            proxy.blackHole(TcpProxy.Direction.TO_CLIENT);
            pair.client.getOutputStream().write(1);
            assertThat(pair.atServer.getInputStream().read()).isEqualTo(1);
            pair.atServer.getOutputStream().write(2);
            assertSilent(pair.client);
        }
    }

    @Test
    void shouldKeepTheEndOfEitherSideFromTheOtherInABlackHole() throws IOException {
        try (Pair clientLeaves = new Pair();
                Pair serverLeaves = new Pair()) {
            proxy.blackHole();
            clientLeaves.client.close();
            serverLeaves.atServer.close();
            assertSilent(clientLeaves.atServer);
            assertSilent(serverLeaves.client);
            proxy.heal();
            assertThat(clientLeaves.atServer.getInputStream().read()).isEqualTo(END);
            assertThat(serverLeaves.client.getInputStream().read()).isEqualTo(END);
        }
    }

    @Test
    void shouldNotConnectToTheServerFromABlackHole() throws IOException {
        proxy.blackHole();
        server.setSoTimeout(SILENCE_MILLIS);
        try (Socket client = new Socket("127.0.0.1", proxy.port())) {
            assertThatThrownBy(server::accept).isInstanceOf(SocketTimeoutException.class);
            proxy.heal();
            server.setSoTimeout(0);
            try (Socket accepted = server.accept()) {
                client.getOutputStream().write(3);
                assertThat(accepted.getInputStream().read()).isEqualTo(3);
            }
        }
    }

    @Test
    void shouldDropConnectionsAndAcceptNewOnes() throws IOException {
        try (Pair old = new Pair()) {
            proxy.drop();
            assertThat(old.client.getInputStream().read()).isEqualTo(END);
            assertThat(old.atServer.getInputStream().read()).isEqualTo(END);
        }
        new Pair().close();
    }

    @Test
    void shouldResetConnectionsOnBothSidesAndAcceptNewOnes() throws IOException {
        try (Pair old = new Pair()) {
            proxy.reset();
            assertThatThrownBy(() -> old.client.getInputStream().read()).isInstanceOf(SocketException.class);
            assertThatThrownBy(() -> old.atServer.getInputStream().read()).isInstanceOf(SocketException.class);
        }
        new Pair().close();
    }

    @Test
    void shouldResetManyConnectionsWhileTheyClose() throws IOException {
        for (int round = 0; round < 50; round++) {
            try (Pair first = new Pair();
                    Pair second = new Pair()) {
                first.atServer.close();
                proxy.reset();
                assertThatThrownBy(() -> second.client.getInputStream().read()).isInstanceOf(SocketException.class);
                assertThatThrownBy(() -> second.atServer.getInputStream().read())
                        .isInstanceOf(SocketException.class);
            }
        }
    }

    @Test
    void shouldRefuseConnectionsUntilHealed() throws IOException {
        try (Pair old = new Pair()) {
            proxy.refuse();
            assertThatThrownBy(() -> old.client.getInputStream().read()).isInstanceOf(SocketException.class);
            assertThatThrownBy(() -> new Socket("127.0.0.1", proxy.port()).close())
                    .isInstanceOf(ConnectException.class);
        }
        proxy.heal();
        new Pair().close();
    }

    @Test
    void shouldAnswerNoAttemptToConnectUntilHealedAndKeepWhatIsConnected() throws IOException {
        try (Pair old = new Pair()) {
            proxy.ignoreAttempts();
            try (Socket ignored = new Socket()) {
                assertThatThrownBy(() -> ignored.connect(address(), SILENCE_MILLIS))
                        .isInstanceOf(SocketTimeoutException.class);
            }
            old.client.getOutputStream().write(1);
            assertThat(old.atServer.getInputStream().read()).isEqualTo(1);
        }
        proxy.heal();
        new Pair().close();
    }

    private InetSocketAddress address() {
        return new InetSocketAddress("127.0.0.1", proxy.port());
    }

    @Test
    void shouldResetAClientWhoseServerDoesNotListen() throws IOException {
        server.close();
        try (Socket client = new Socket("127.0.0.1", proxy.port())) {
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
        }
    }

    @Test
    void shouldCountTheConnectionsToTheServer() throws IOException {
        try (Pair first = new Pair();
                Pair second = new Pair()) {
            assertThat(proxy.connections()).isEqualTo(2);
            first.client.close();
            await().until(() -> proxy.connections() == 1);
            second.client.close();
            await().until(() -> proxy.connections() == 0);
        }
    }

    /** Reads nothing for a while: that nothing comes cannot be polled for. */
    private static void assertSilent(Socket socket) throws IOException {
        socket.setSoTimeout(SILENCE_MILLIS);
        assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        socket.setSoTimeout(0);
    }

    /** A client that is connected through the proxy, and the server's end of it. */
    private final class Pair implements AutoCloseable {

        private final Socket client;
        private final Socket atServer;

        Pair() throws IOException {
            client = new Socket("127.0.0.1", proxy.port());
            atServer = server.accept();
            client.getOutputStream().write(0);
            assertThat(atServer.getInputStream().read()).isZero();
        }

        void sendFromServer(byte[] bytes) {
            try {
                atServer.getOutputStream().write(bytes);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }

        @Override
        public void close() throws IOException {
            client.close();
            atServer.close();
        }
    }
}
