package io.github.r2dbcrouting.demo;

import io.github.r2dbcrouting.RoutingConnectionFactory;
import io.github.r2dbcrouting.RoutingConnectionFactoryBuilder;
import io.github.r2dbcrouting.RoutingOptions;
import io.github.r2dbcrouting.cluster.ClusterNode;
import io.github.r2dbcrouting.cluster.LocalCluster;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Shows the router at work: it starts a real PostgreSQL cluster on this machine, sends traffic through one connection
 * factory, kills a replica meanwhile and starts it again. The exit code is 0 if no statement failed.
 */
final class Demo {

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int ITEMS = 100;

    private final LocalCluster cluster;
    private final Page page;
    private final Duration stepTime;
    private final RouteLog routes = new RouteLog();
    private final Tally tally = new Tally();
    private final RoutingConnectionFactory connections;
    private final NodeView nodes;

    private Demo(LocalCluster cluster, Page page, Duration stepTime) {
        this.cluster = cluster;
        this.page = page;
        this.stepTime = stepTime;
        this.connections = connectionFactory(cluster, routes);
        this.nodes = new NodeView(connections, routes, LIMIT);
    }

    /** Runs with traffic of two seconds in each step. */
    public static void main(String[] args) {
        System.exit(run(System.out, Duration.ofSeconds(2)));
    }

    /**
     * Runs the demo.
     *
     * @param stepTime how long each step lets the traffic go on
     * @return the exit code: 0 if no statement failed
     */
    static int run(PrintStream out, Duration stepTime) {
        Page page = new Page(out);
        out.println("Starting PostgreSQL on this machine: one primary and two replicas ...");
        long start = System.nanoTime();
        try (LocalCluster cluster = LocalCluster.postgresql().replicas(2).start()) {
            page.line("ready after " + Page.seconds(since(start)));
            Demo demo = new Demo(cluster, page, stepTime);
            try {
                return demo.run();
            } finally {
                demo.connections.close().block(LIMIT);
            }
        } catch (RuntimeException e) {
            out.println();
            out.println("The demo could not be finished: " + e);
            return 2;
        }
    }

    /** All that an application has to do; the roles of the nodes are not told. */
    private static RoutingConnectionFactory connectionFactory(LocalCluster cluster, RouteLog routes) {
        RoutingConnectionFactoryBuilder builder = RoutingConnectionFactory.builder()
                .driver("postgresql")
                .database(cluster.database())
                .credentials(cluster.username(), cluster.password())
                .monitorCredentials(cluster.monitorUsername(), cluster.monitorPassword())
                // A machine that is busy with other things is not a dead node; a killed one shows at once all the same.
                .option(RoutingOptions.PROBE_TIMEOUT, Duration.ofSeconds(10))
                .option(RoutingOptions.EXCHANGE_TIMEOUT, Duration.ofSeconds(10))
                .routeListener(routes);
        for (ClusterNode node : cluster.nodes()) {
            builder.node(node.name(), node.host(), node.port());
        }
        return builder.build();
    }

    private int run() {
        Items items = new Items(connections);
        items.create(ITEMS).block(LIMIT);
        items.define(Tour.CREATE_FUNCTION).block(LIMIT);
        cluster.awaitReplication();
        nodes.awaitAllReady();

        page.title("1. The nodes, as the router sees them. It asks them; nobody told it which one is the primary.");
        page.blank();
        page.table(nodes.table());

        page.title("2. Where a statement goes, and why.");
        page.line("What it is taken for -> the chosen node: the reason | and what speaks against each of the others.");
        new Tour(connections, routes, page, LIMIT).run();

        Traffic traffic = new Traffic(items, ITEMS, tally);
        ClusterNode victim = cluster.replicas().get(1);
        showTraffic(traffic);
        showDeath(traffic, victim);
        showReturn(traffic, victim);
        traffic.stop(LIMIT);
        return conclude(items, traffic);
    }

    private void showTraffic(Traffic traffic) {
        page.title("3. Traffic for " + Page.seconds(stepTime) + " through one ConnectionFactory: " + Traffic.READERS
                + " readers, a writer, and reports in read-only transactions.");
        routes.clear();
        traffic.start();
        letItRun();
        page.blank();
        page.table(nodes.counts());
    }

    private void showDeath(Traffic traffic, ClusterNode victim) {
        page.title("4. " + victim.name() + " is killed (kill -9) under this traffic.");
        // A read-only transaction that is open on a dying replica fails: only the application could begin it again.
        traffic.stopReports(LIMIT);
        routes.clear();
        long start = System.nanoTime();
        CompletableFuture<Long> leftOut = nodes.whenUnusable(victim.name());
        victim.kill();
        Duration noticed = Duration.ofNanos(NodeView.await(leftOut, LIMIT) - start);
        page.line("The router left it out after " + Page.seconds(noticed) + ". Reads that it had been sent and that ran"
                + " again on another node: " + Page.number(routes.sentAgain()) + ".");
        page.line("The " + Page.seconds(stepTime) + " from then on:");
        routes.clear();
        letItRun();
        page.blank();
        page.table(nodes.counts());
        page.blank();
        page.line(Tour.READ);
        page.line("  " + connections.explain(Tour.READ));
    }

    private void showReturn(Traffic traffic, ClusterNode victim) {
        page.title("5. " + victim.name() + " is started again.");
        long start = System.nanoTime();
        routes.clear();
        victim.start();
        Duration started = since(start);
        nodes.awaitReadAt(victim.name());
        page.line("Its server was up after " + Page.seconds(started) + "; it served its first read after "
                + Page.seconds(since(start)) + ".");
        page.line("The " + Page.seconds(stepTime) + " from then on, reports included again:");
        routes.clear();
        traffic.startReports();
        letItRun();
        page.blank();
        page.table(nodes.counts());
    }

    private int conclude(Items items, Traffic traffic) {
        page.title("6. What the application saw");
        cluster.awaitReplication();
        long expected = ITEMS + traffic.written();
        List<Long> held = nodes.onEach(items.count());
        boolean complete = held.stream().allMatch(count -> count == expected);
        page.line("items that should be there: " + Page.number(expected) + " (" + ITEMS + " from the start, "
                + Page.number(traffic.written()) + " written meanwhile)");
        page.line("items that are there, on each node: "
                + String.join(", ", held.stream().map(Page::number).toList()));
        page.line("statements and read-only transactions that came to their end: " + Page.number(tally.done()));
        tally.errors().forEach((error, times) -> page.line("failed " + times + " times: " + error));
        if (!complete) {
            page.line("A node does not hold all of them: that must not be.");
        }
        page.line("failed statements: " + tally.failed());
        return tally.failed() == 0 && complete ? 0 : 1;
    }

    private void letItRun() {
        NodeView.pause(stepTime);
    }

    private static Duration since(long start) {
        return Duration.ofNanos(System.nanoTime() - start);
    }
}
