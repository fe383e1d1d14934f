package gates;

final class DependsOnTheLocale {

    boolean isInsert(String verb) {
        return verb.toLowerCase().equals("insert");
    }
}
