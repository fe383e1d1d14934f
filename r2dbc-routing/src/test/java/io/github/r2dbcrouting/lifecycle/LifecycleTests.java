package io.github.r2dbcrouting.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.r2dbcrouting.cluster.LocalCluster;
import io.github.r2dbcrouting.cluster.LocalClusterExtension;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** What factories leave behind in their process and at the servers: nothing. */
class LifecycleTests {

    @RegisterExtension
    static final LocalClusterExtension CLUSTER =
            LocalClusterExtension.of(LocalCluster.postgresql().replicas(1));

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int FACTORIES = 20;

    /** How many factories are opened and closed one after another; 10,000 take about five minutes. */
    private static final int CYCLES = Integer.getInteger("lifecycle.cycles", 200);

    /** Far less than a factory that stays: its topology, pools and caches alone are more. */
    private static final long BYTES_PER_CYCLE = 2_000;

    private static String url;

    @BeforeAll
    static void createTable() {
        LocalCluster cluster = CLUSTER.cluster();
        cluster.execute("CREATE TABLE item (id int); GRANT ALL ON item TO PUBLIC");
        url = "r2dbc:routing:postgresql://" + cluster.username() + ":" + cluster.password() + "@" + cluster.hostList()
                + "/" + cluster.database() + "?monitorUser=" + cluster.monitorUsername() + "&monitorPassword="
                + cluster.monitorPassword();
    }

    @Test
    void shouldLetTheJvmEndAndItsSessionsWithIt() throws IOException, InterruptedException {
        Process application = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        ShortLife.class.getName(),
                        url)
                .redirectErrorStream(true)
                .start();
        try {
            String output = new String(application.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(application.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS))
                    .as(output)
                    .isTrue();
            assertThat(application.exitValue()).as(output).isZero();
            assertThat(output).contains("has read and written");
        } finally {
            application.destroyForcibly();
        }
        awaitNoSession();
    }

    @Test
    void shouldLetGoOfTheClassLoaderOfAnApplicationThatRestarts() throws Exception {
        for (int restart = 0; restart < 3; restart++) {
            WeakReference<ClassLoader> loader = restart();
            await().atMost(LIMIT).until(() -> {
                System.gc();
                return loader.get() == null;
            });
        }
        awaitNoSession();
    }

    private static WeakReference<ClassLoader> restart() throws Exception {
        ApplicationLoader loader = new ApplicationLoader();
        Class<?> application = loader.loadClass(ShortLife.class.getName());
        assertThat(application).isNotEqualTo(ShortLife.class);
        ((Runnable) application.getConstructor(String.class).newInstance(url)).run();
        loader.close();
        return new WeakReference<>(loader);
    }

    @Test
    void shouldServeManyFactoriesOfOneProcess() {
        Long served = Flux.range(0, FACTORIES)
                .flatMap(
                        number -> Mono.fromRunnable(new ShortLife(url))
                                .subscribeOn(Schedulers.boundedElastic())
                                .thenReturn(number),
                        FACTORIES)
                .count()
                .block(LIMIT);
        assertThat(served).isEqualTo(FACTORIES);
        awaitNoSession();
        awaitNoThread();
    }

    @Test
    @Timeout(value = 1, unit = TimeUnit.HOURS) // For more cycles than usual.
    void shouldNotGrowOverOpeningAndClosing() {
        ShortLife application = new ShortLife(url);
        repeat(application, CYCLES / 2);
        long before = usedHeap();
        repeat(application, CYCLES);
        long grown = usedHeap() - before;
        assertThat(grown).as("bytes after %d cycles", CYCLES).isLessThan(BYTES_PER_CYCLE * CYCLES);
        awaitNoSession();
        awaitNoThread();
    }

    private static void repeat(Runnable application, int times) {
        for (int i = 0; i < times; i++) {
            application.run();
        }
    }

    /** The least of several, since one collection leaves what needs another. */
    private static long usedHeap() {
        Runtime runtime = Runtime.getRuntime();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            System.gc();
            least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
        }
        return least;
    }

    private static void awaitNoThread() {
        await().atMost(LIMIT)
                .until(() -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().equals("r2dbc-routing-monitor")));
    }

    private static void awaitNoSession() {
        await().atMost(LIMIT)
                .until(() -> CLUSTER.cluster().nodes().stream()
                        .allMatch(node -> node.query("SELECT 1 FROM pg_stat_activity WHERE usename = 'app'")
                                .isEmpty()));
    }
}
