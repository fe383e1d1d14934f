package io.github.r2dbcrouting.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class FreePortsTests {

    @Test
    void shouldNotOfferAPortTwice() {
        FreePorts ports = new FreePorts(new Sequence(new int[1], 21_000, 21_000, 21_001));
        assertThat(ports.next()).isNotEqualTo(ports.next());
    }

    @Test
    void shouldNotOfferAPortThatSomebodyListensOn() throws IOException {
        int free = new FreePorts(new Random(1)).next();
        try (ServerSocket taken = new ServerSocket(free, 1, InetAddress.getByName("127.0.0.1"))) {
            assertThat(new FreePorts(new Sequence(new int[1], taken.getLocalPort(), 21_500)).next())
                    .isNotEqualTo(free);
        }
    }

    @Test
    void shouldGiveUpWhenNoPortIsFree() {
        FreePorts ports = new FreePorts(new Sequence(new int[1], 21_700));
        ports.next();
        assertThatThrownBy(ports::next)
                .isInstanceOf(LocalClusterException.class)
                .hasMessageContaining("No free port");
    }

    /** Draws given ports, the last of them again and again. */
    private record Sequence(int[] position, int... ports) implements RandomGenerator {

        @Override
        public int nextInt(int origin, int bound) {
            return ports[Math.min(position[0]++, ports.length - 1)];
        }

        @Override
        public long nextLong() {
            throw new UnsupportedOperationException();
        }
    }
}
