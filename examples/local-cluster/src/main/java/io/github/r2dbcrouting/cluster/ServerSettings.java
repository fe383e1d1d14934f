package io.github.r2dbcrouting.cluster;

import java.nio.file.Path;
import java.util.Map;

/**
 * What a kind of server needs to know about the cluster that it is run for.
 *
 * @param binaries the unpacked binaries
 * @param directory the cluster's directory
 * @param account who the servers run as
 * @param users whom the databases know
 * @param extra the user's own server settings
 */
record ServerSettings(
        Path binaries, ClusterDirectory directory, Account account, ClusterUsers users, Map<String, String> extra) {}
