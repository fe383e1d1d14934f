package gates;

import org.jspecify.annotations.NullMarked;

@NullMarked
final class ReturnsNull {

    String name() {
        return null;
    }
}
