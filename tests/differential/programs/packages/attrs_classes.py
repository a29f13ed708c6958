"""Classes whose methods are made at run time: validators, converters, factories, slots, order."""
import attr
import attrs


@attrs.define(order=True)
class Point:
    x: int = attrs.field(converter=int)
    y: int = attrs.field(default=0, validator=attrs.validators.instance_of(int))
    label: str = attrs.field(factory=str, eq=False)

    @x.validator
    def small(self, attribute, value):
        if value > 99:
            raise ValueError(attribute.name)

    def __attrs_post_init__(self):
        self.label = self.label or 'at %d' % self.x


@attr.s(frozen=True, slots=True, hash=True)
class Old:
    parts = attr.ib(factory=list, hash=False)


points = sorted(Point(each) for each in ('3', 1, 2))
print(points, hash(Old()) == hash(Old()), Point(1) < Point('2'), attrs.asdict(attrs.evolve(points[0], y=4)))
for wrong in (lambda: Point(100), lambda: Point(1, 'y'), lambda: setattr(Old(), 'parts', 1), lambda: Point('x'), lambda: Point()):
    try:
        wrong()
    except Exception as error:
        print(type(error).__name__)
