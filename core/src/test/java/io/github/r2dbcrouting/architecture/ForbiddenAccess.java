package io.github.r2dbcrouting.architecture;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import java.util.List;
import java.util.function.Predicate;

/** A choice of methods and constructors, by owner and name, that a rule forbids to call or to refer to. */
final class ForbiddenAccess extends DescribedPredicate<JavaAccess<?>> {

    private final List<Predicate<CodeUnitAccessTarget>> targets;

    ForbiddenAccess(String description, List<Predicate<CodeUnitAccessTarget>> targets) {
        super(description);
        this.targets = List.copyOf(targets);
    }

    @Override
    public boolean test(JavaAccess<?> access) {
        return access.getTarget() instanceof CodeUnitAccessTarget target
                && targets.stream().anyMatch(forbidden -> forbidden.test(target));
    }

    /** Matches every method and constructor of a type and of its subtypes. */
    static Predicate<CodeUnitAccessTarget> everythingOf(String owner) {
        return target -> target.getOwner().isAssignableTo(owner);
    }

    /** Matches the methods of a type and of its subtypes that bear one of the names. */
    static Predicate<CodeUnitAccessTarget> of(String owner, String... names) {
        return everythingOf(owner).and(target -> List.of(names).contains(target.getName()));
    }

    /** Matches like {@link #of}, but only calls without an argument. */
    static Predicate<CodeUnitAccessTarget> bare(String owner, String... names) {
        return of(owner, names).and(target -> target.getRawParameterTypes().isEmpty());
    }

    /** Matches like {@link #of}, but only calls with an argument, such as a time to wait for. */
    static Predicate<CodeUnitAccessTarget> withArguments(String owner, String... names) {
        return of(owner, names).and(target -> !target.getRawParameterTypes().isEmpty());
    }

    /** Returns whether a parameter of the target has exactly this type. */
    static boolean takes(CodeUnitAccessTarget target, String parameterType) {
        return target.getRawParameterTypes().stream()
                .anyMatch(type -> type.getName().equals(parameterType));
    }
}
