package io.github.r2dbcrouting.discovery;

import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.resolver.dns.DnsNameResolverException;
import io.netty.resolver.dns.DnsQueryLifecycleObserver;
import io.netty.resolver.dns.DnsQueryLifecycleObserverFactory;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What name servers have said to a question, since what a resolver makes of it does not tell whether there is no record, or nobody who
 * would say. One question at a time.
 */
final class ServerAnswers implements DnsQueryLifecycleObserverFactory {

    /** Of each name that was asked for, search domains and aliases included, whether a server has said what there is. */
    private final Map<String, Boolean> told = new ConcurrentHashMap<>();

    /** Forgets the question before. */
    void begin() {
        told.clear();
    }

    /** Returns whether servers have said of each name what there is. If the resolver has found nothing, that is nothing. */
    boolean areComplete() {
        return !told.isEmpty() && !told.containsValue(false);
    }

    @Override
    public DnsQueryLifecycleObserver newDnsQueryLifecycleObserver(DnsQuestion question) {
        // Whether a name has an alias is asked in vain where it has none, after all else.
        boolean counts = !question.type().equals(DnsRecordType.CNAME);
        if (counts) {
            told.putIfAbsent(question.name(), false);
        }
        return new Listener(counts, question.name());
    }

    /** Listens to the servers that are asked for one name, one after the other. */
    private final class Listener implements DnsQueryLifecycleObserver {

        private final boolean counts;
        private final String name;

        /** Whether a server was asked that has not refused to answer. */
        private boolean asked;

        Listener(boolean counts, String name) {
            this.counts = counts;
            this.name = name;
        }

        private void tell() {
            if (counts) {
                told.put(name, true);
            }
        }

        @Override
        public void queryWritten(InetSocketAddress server, ChannelFuture sent) {
            asked = true;
        }

        @Override
        public DnsQueryLifecycleObserver queryNoAnswer(DnsResponseCode code) {
            asked = false;
            return this;
        }

        @Override
        public void queryFailed(Throwable cause) {
            // Where none was asked it only means that there is no other server; else, that there is no such name or
            // record.
            if (asked && !(cause instanceof DnsNameResolverException)) {
                tell();
            }
            asked = false;
        }

        @Override
        public void querySucceed() {
            tell();
        }

        @Override
        public DnsQueryLifecycleObserver queryCNAMEd(DnsQuestion alias) {
            tell();
            return newDnsQueryLifecycleObserver(alias);
        }

        @Override
        public DnsQueryLifecycleObserver queryRedirected(List<InetSocketAddress> servers) {
            return this;
        }

        @Override
        public void queryCancelled(int queriesLeft) {}
    }
}
