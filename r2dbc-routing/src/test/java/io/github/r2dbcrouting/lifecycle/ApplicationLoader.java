package io.github.r2dbcrouting.lifecycle;

import io.github.r2dbcrouting.RoutingConnectionFactory;
import io.github.r2dbcrouting.topology.Topology;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.stream.Stream;

/** Loads the library and what uses it anew, as Boot's devtools do at each restart; the drivers and Reactor stay. */
final class ApplicationLoader extends URLClassLoader {

    ApplicationLoader() {
        super(
                Stream.of(RoutingConnectionFactory.class, Topology.class, ShortLife.class)
                        .map(type -> type.getProtectionDomain().getCodeSource().getLocation())
                        .distinct()
                        .toArray(URL[]::new),
                ApplicationLoader.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!name.startsWith("io.github.r2dbcrouting.")) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            return loaded == null ? findClass(name) : loaded;
        }
    }
}
