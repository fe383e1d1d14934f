package io.github.r2dbcrouting.architecture;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.List;

/** Holds when a class depends only on its own package and on those that stand before it in a list. */
final class PackageOrder extends ArchCondition<JavaClass> {

    private final String base;
    private final List<String> order;

    /**
     * Creates the condition.
     *
     * @param base the package that the names in {@code order} are relative to
     * @param order the packages, the one that sees no other first; the empty name is {@code base} itself
     */
    PackageOrder(String base, List<String> order) {
        super("depend only on packages that stand before their own in " + order);
        this.base = base;
        this.order = List.copyOf(order);
    }

    @Override
    public void check(JavaClass type, ConditionEvents events) {
        int own = order.indexOf(name(type));
        if (own < 0) {
            events.add(SimpleConditionEvent.violated(
                    type, "%s lies in a package that has no place in the order".formatted(type.getName())));
            return;
        }
        for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
            JavaClass target = dependency.getTargetClass();
            if (isOurs(target) && (order.indexOf(name(target)) < 0 || order.indexOf(name(target)) > own)) {
                events.add(SimpleConditionEvent.violated(
                        type, "%s stands before what it sees: %s".formatted(name(type), dependency.getDescription())));
            }
        }
    }

    private boolean isOurs(JavaClass type) {
        return type.getPackageName().equals(base) || type.getPackageName().startsWith(base + ".");
    }

    private String name(JavaClass type) {
        return type.getPackageName().equals(base) ? "" : type.getPackageName().substring(base.length() + 1);
    }
}
