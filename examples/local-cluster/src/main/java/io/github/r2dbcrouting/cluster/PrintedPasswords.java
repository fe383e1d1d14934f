package io.github.r2dbcrouting.cluster;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails every test class during which a password of a cluster was printed, or became the name of a thread. JUnit finds it by itself
 * in every module that has this one on its class path, where {@code junit.jupiter.extensions.autodetection.enabled} is set.
 */
public final class PrintedPasswords implements BeforeAllCallback, AfterAllCallback {

    private static final int CONTEXT = 120;

    private static final List<String> FOUND = new ArrayList<>();

    @Override
    public void beforeAll(ExtensionContext context) {
        if (!(System.out instanceof ListeningStream)) {
            System.setOut(new ListeningStream(System.out));
        }
        if (!(System.err instanceof ListeningStream)) {
            System.setErr(new ListeningStream(System.err));
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        List<String> found;
        synchronized (FOUND) {
            found = new ArrayList<>(FOUND);
            FOUND.clear();
        }
        Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.contains(LocalCluster.PASSWORD_MARK))
                .map(name -> "thread " + hidden(name))
                .forEach(found::add);
        if (!found.isEmpty()) {
            throw new AssertionError(context.getDisplayName() + " printed a password " + found.size()
                    + " times; hide it where it came from: " + found);
        }
    }

    private static String hidden(String text) {
        return text.replaceAll(LocalCluster.PASSWORD_MARK + "\\w*", "<hidden>");
    }

    private static final class ListeningStream extends PrintStream {

        ListeningStream(PrintStream printed) {
            super(new Listening(printed), true, StandardCharsets.UTF_8);
        }
    }

    /** Passes everything on as it comes. What is found may have been printed in pieces. */
    private static final class Listening extends FilterOutputStream {

        private String tail = "";

        Listening(OutputStream printed) {
            super(printed);
        }

        @Override
        public void write(int character) throws IOException {
            write(new byte[] {(byte) character}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
            look(new String(bytes, offset, length, StandardCharsets.ISO_8859_1));
        }

        private void look(String printed) {
            synchronized (FOUND) {
                String text = tail + printed;
                int from = 0;
                for (int at; (at = text.indexOf(LocalCluster.PASSWORD_MARK, from)) >= 0; ) {
                    from = at + LocalCluster.PASSWORD_MARK.length();
                    FOUND.add(
                            hidden(text.substring(Math.max(0, at - CONTEXT), Math.min(text.length(), from + CONTEXT))));
                }
                // Too short to hold the mark again.
                tail = text.substring(Math.max(from, text.length() - LocalCluster.PASSWORD_MARK.length() + 1));
            }
        }
    }
}
