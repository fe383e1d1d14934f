package io.github.r2dbcrouting.cluster;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;

/** Listens on a port, accepts nobody, and has its queue filled, so that the system drops every further attempt. */
final class CrowdedListener implements AutoCloseable {

    private static final int BACKLOG = 1;
    private static final int MOST_WAITING = 64;
    private static final int DROPPED_MILLIS = 100;

    private final ServerSocket listener;
    private final List<Socket> crowd = new ArrayList<>();

    private CrowdedListener(ServerSocket listener) {
        this.listener = listener;
    }

    static CrowdedListener on(String host, int port) {
        InetSocketAddress address = new InetSocketAddress(host, port);
        try {
            CrowdedListener crowded = new CrowdedListener(new ServerSocket(port, BACKLOG, address.getAddress()));
            crowded.fill(address);
            return crowded;
        } catch (IOException e) {
            throw new LocalClusterException("Cannot fill the queue of " + address + ": " + e.getMessage(), e);
        }
    }

    /** How many the system lets in beyond the backlog differs. */
    private void fill(InetSocketAddress address) throws IOException {
        while (crowd.size() < MOST_WAITING) {
            Socket socket = new Socket();
            crowd.add(socket);
            try {
                socket.connect(address, DROPPED_MILLIS);
            } catch (SocketTimeoutException full) {
                return;
            }
        }
        close();
        throw new LocalClusterException("The queue of " + address + " took " + MOST_WAITING
                + " connections and was not full; this system does not keep to the backlog of a listener.");
    }

    @Override
    public void close() {
        try {
            listener.close();
            for (Socket socket : crowd) {
                socket.close();
            }
        } catch (IOException e) {
            throw new LocalClusterException("Cannot close " + listener + ": " + e.getMessage(), e);
        }
    }
}
