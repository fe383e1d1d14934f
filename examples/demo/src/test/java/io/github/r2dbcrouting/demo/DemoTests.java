package io.github.r2dbcrouting.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.r2dbcrouting.cluster.LocalCluster;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a newcomer sees of the demo, with less traffic than there. */
class DemoTests {

    private static String output;
    private static int exitCode;

    @BeforeAll
    static void run() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        exitCode = Demo.run(new PrintStream(bytes, true, StandardCharsets.UTF_8), Duration.ofMillis(500));
        output = bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void shouldEndWithoutAFailedStatement() {
        assertThat(output).endsWith("failed statements: 0" + System.lineSeparator());
        assertThat(exitCode).isZero();
    }

    @Test
    void shouldShowTheNodesWithTheirObservedRoles() {
        assertThat(output)
                .containsPattern("node1 +127\\.0\\.0\\.1:\\d+ +primary +healthy +-")
                .containsPattern("node2 +127\\.0\\.0\\.1:\\d+ +replica +healthy +at most \\d")
                .containsPattern("node3 +127\\.0\\.0\\.1:\\d+ +replica +healthy +at most \\d");
    }

    @Test
    void shouldSayForEachKindOfStatementWhereItWentAndWhy() {
        assertThat(output)
                .containsPattern("READ -> node[23]: an eligible replica \\| node1 primary: reads prefer replicas")
                .contains("WRITE -> node1: a write | node2 replica: writes go to the primary")
                .contains("UNKNOWN -> node1: not surely a read")
                .contains("node1: hint at the primary")
                .containsPattern("node1: pinned: (a transaction|an earlier write)")
                .containsPattern("node[23]: pinned: a read-only transaction");
    }

    @Test
    void shouldShowThatTheKilledReplicaIsLeftOutAndServesAgain() {
        assertThat(step(4))
                .containsPattern("node2 +replica +healthy +[1-9]")
                // One that was chosen a moment before may be sent, and fail over, a moment after.
                .containsPattern("node3 +replica +unhealthy +[0-9] +0")
                .contains("| node3 unhealthy: ");
        assertThat(step(5)).containsPattern("node3 +replica +healthy +[1-9]");
    }

    @Test
    void shouldPrintPlainLinesAndNoPassword() {
        assertThat(output).doesNotContainPattern("[\\p{Cntrl}&&[^\\n\\r]]");
        assertThat(output).doesNotContain(LocalCluster.PASSWORD_MARK);
    }

    private static String step(int number) {
        return output.substring(output.indexOf("\n" + number + ". "), output.indexOf("\n" + (number + 1) + ". "));
    }
}
