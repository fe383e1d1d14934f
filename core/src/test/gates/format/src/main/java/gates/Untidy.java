package gates;

final class Untidy
{
  String name() { return "untidy"; }
}
