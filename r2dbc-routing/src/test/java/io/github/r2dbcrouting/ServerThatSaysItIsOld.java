package io.github.r2dbcrouting;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * No server at all: it lets everybody in as a PostgreSQL server of some version does, tells its isolation level, and answers every
 * other query with nothing, which is enough for the driver to connect.
 */
final class ServerThatSaysItIsOld implements AutoCloseable {

    private final ServerSocket listener;
    private final String version;
    private final List<Socket> accepted = new CopyOnWriteArrayList<>();

    private ServerThatSaysItIsOld(ServerSocket listener, String version) {
        this.listener = listener;
        this.version = version;
    }

    static ServerThatSaysItIsOld start(String version) {
        try {
            ServerThatSaysItIsOld server =
                    new ServerThatSaysItIsOld(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), version);
            run(server::listen);
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Returns how many connections it has accepted so far. */
    int connections() {
        return accepted.size();
    }

    private void listen() throws IOException {
        while (true) {
            Socket client = listener.accept();
            accepted.add(client);
            run(() -> serve(client));
        }
    }

    private void serve(Socket client) throws IOException {
        DataInputStream in = new DataInputStream(client.getInputStream());
        DataOutputStream out = new DataOutputStream(client.getOutputStream());
        in.readNBytes(in.readInt() - Integer.BYTES);
        send(out, 'R', body -> body.writeInt(0));
        send(out, 'S', body -> texts(body, "server_version", version));
        send(out, 'S', body -> texts(body, "client_encoding", "UTF8"));
        send(out, 'K', body -> body.writeLong(1));
        ready(out);
        while (true) {
            int type = in.read();
            if (type < 0 || type == 'X') {
                return;
            }
            String text = new String(in.readNBytes(in.readInt() - Integer.BYTES), StandardCharsets.UTF_8);
            if (type == 'Q') {
                if (text.startsWith("SHOW TRANSACTION ISOLATION LEVEL")) {
                    tellIsolationLevel(out);
                }
                send(out, 'C', body -> texts(body, "SELECT"));
                ready(out);
            }
        }
    }

    private static void tellIsolationLevel(DataOutputStream out) throws IOException {
        send(out, 'T', body -> {
            body.writeShort(1);
            texts(body, "transaction_isolation");
            body.writeInt(0);
            body.writeShort(0);
            body.writeInt(25);
            body.writeShort(-1);
            body.writeInt(-1);
            body.writeShort(0);
        });
        send(out, 'D', body -> {
            byte[] level = "read committed".getBytes(StandardCharsets.UTF_8);
            body.writeShort(1);
            body.writeInt(level.length);
            body.write(level);
        });
    }

    private static void ready(DataOutputStream out) throws IOException {
        send(out, 'Z', body -> body.writeByte('I'));
        out.flush();
    }

    private static void texts(DataOutputStream body, String... texts) throws IOException {
        for (String text : texts) {
            body.write(text.getBytes(StandardCharsets.UTF_8));
            body.writeByte(0);
        }
    }

    private static void send(DataOutputStream out, char type, Writing writing) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        writing.to(new DataOutputStream(body));
        out.writeByte(type);
        out.writeInt(body.size() + Integer.BYTES);
        body.writeTo(out);
    }

    @FunctionalInterface
    private interface Writing {
        void to(DataOutputStream body) throws IOException;
    }

    @FunctionalInterface
    private interface Serving {
        void run() throws IOException;
    }

    private static void run(Serving serving) {
        Thread thread = new Thread(
                () -> {
                    try {
                        serving.run();
                    } catch (IOException closed) {
                        // The end of the server or of its client.
                    }
                },
                "a server that says it is old");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            listener.close();
            for (Socket client : accepted) {
                client.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
