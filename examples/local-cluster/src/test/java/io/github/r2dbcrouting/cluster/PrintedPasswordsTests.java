package io.github.r2dbcrouting.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.testkit.engine.EventConditions.container;
import static org.junit.platform.testkit.engine.EventConditions.event;
import static org.junit.platform.testkit.engine.EventConditions.finishedWithFailure;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.message;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ServiceLoader;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.Extension;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

/** Runs classes that print a password, into the void. */
final class PrintedPasswordsTests {

    @Test
    void shouldMarkEveryPasswordOfACluster() {
        assertThat(Credentials.generate("app", new SecureRandom()).password()).startsWith(LocalCluster.PASSWORD_MARK);
        assertThat(Credentials.generate("app", new SecureRandom())).hasToString("app:<hidden>");
    }

    @Test
    void shouldFailAClassThatPrintsAPassword() {
        assertFails(PrintsAPassword.class);
    }

    @Test
    void shouldFailAClassThatPrintsAPasswordInPieces() {
        assertFails(PrintsAPasswordInPieces.class);
    }

    @Test
    void shouldFailAClassThatNamesAThreadAfterAPassword() {
        try {
            assertFails(NamesAThread.class);
        } finally {
            NamesAThread.END.countDown();
        }
    }

    @Test
    void shouldBeFoundByJunitItself() {
        assertThat(ServiceLoader.load(Extension.class)).hasAtLeastOneElementOfType(PrintedPasswords.class);
    }

    private static void assertFails(Class<?> tests) {
        run(tests)
                .assertThatEvents()
                .haveExactly(
                        1,
                        event(
                                container(tests),
                                finishedWithFailure(message(text -> text.contains("printed a password 1 times")
                                        && text.contains("<hidden>")
                                        && !text.contains(LocalCluster.PASSWORD_MARK)))));
    }

    private static Events run(Class<?> tests) {
        PrintStream out = System.out;
        System.setOut(new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8));
        try {
            return EngineTestKit.engine("junit-jupiter")
                    .selectors(selectClass(tests))
                    .configurationParameter("junit.jupiter.extensions.autodetection.enabled", "true")
                    .execute()
                    .containerEvents();
        } finally {
            System.setOut(out);
        }
    }

    static final class PrintsAPassword {

        @Test
        void shouldRun() {
            System.out.println("password=" + LocalCluster.PASSWORD_MARK + "12ab");
        }
    }

    static final class PrintsAPasswordInPieces {

        @Test
        void shouldRun() {
            System.out.print("password=" + LocalCluster.PASSWORD_MARK.substring(0, 3));
            System.out.print(LocalCluster.PASSWORD_MARK.substring(3) + "12ab");
        }
    }

    static final class NamesAThread {

        static final CountDownLatch END = new CountDownLatch(1);

        @Test
        void shouldRun() {
            new Thread(NamesAThread::awaitEnd, "pool of app:" + LocalCluster.PASSWORD_MARK + "12ab").start();
        }

        private static void awaitEnd() {
            try {
                END.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
