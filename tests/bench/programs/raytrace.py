"""A small ray tracer: vectors as objects, floats, many short methods."""
import math


class Vector:
    def __init__(self, x, y, z):
        self.x, self.y, self.z = x, y, z

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y, self.z + other.z)

    def __sub__(self, other):
        return Vector(self.x - other.x, self.y - other.y, self.z - other.z)

    def dot(self, other):
        return self.x * other.x + self.y * other.y + self.z * other.z

    def scaled(self, factor):
        return Vector(self.x * factor, self.y * factor, self.z * factor)

    def magnitude(self):
        return math.sqrt(self.dot(self))

    def normalized(self):
        return self.scaled(1 / self.magnitude())

    def reflected(self, normal):
        return self - normal.scaled(2 * self.dot(normal))


class Ray:
    def __init__(self, point, direction):
        self.point = point
        self.direction = direction.normalized()

    def at(self, t):
        return self.point + self.direction.scaled(t)


class Sphere:
    def __init__(self, centre, radius):
        self.centre, self.radius = centre, radius

    def intersection(self, ray):
        to_centre = self.centre - ray.point
        along = to_centre.dot(ray.direction)
        square = self.radius * self.radius - (to_centre.dot(to_centre) - along * along)
        return None if square < 0 else along - math.sqrt(square)

    def normal_at(self, point):
        return (point - self.centre).normalized()


class Halfspace:
    def __init__(self, base, normal):
        self.base, self.normal = base, normal.normalized()

    def intersection(self, ray):
        slope = ray.direction.dot(self.normal)
        return -(ray.point - self.base).dot(self.normal) / slope if slope else None

    def normal_at(self, point):
        return self.normal


class Matt:
    def __init__(self, colour):
        self.colour = colour

    def colour_at(self, point):
        return self.colour


class Checkers(Matt):
    def colour_at(self, point):
        return self.colour if (int(abs(point.x)) + int(abs(point.z))) % 2 else (0.1, 0.1, 0.1)


def mixed(a, b, share):
    return tuple(p * (1 - share) + q * share for p, q in zip(a, b))


class Scene:
    def __init__(self, light):
        self.light, self.objects, self.depth = light, [], 0

    def add(self, shape, surface):
        self.objects.append((shape, surface))

    def nearest(self, ray):
        best = None
        for shape, surface in self.objects:
            t = shape.intersection(ray)
            if t is not None and t > 1e-6 and (best is None or t < best[0]):
                best = t, shape, surface
        return best

    def is_lit(self, point):
        return self.nearest(Ray(point, self.light - point)) is None

    def colour_of(self, ray):
        if self.depth > 2:
            return 0, 0, 0
        hit = self.nearest(ray)
        if hit is None:
            return 0.2, 0.3, 0.5
        t, shape, surface = hit
        point = ray.at(t)
        normal = shape.normal_at(point)
        self.depth += 1
        try:
            mirrored = self.colour_of(Ray(point, ray.direction.reflected(normal)))
        finally:
            self.depth -= 1
        light = max(0, (self.light - point).normalized().dot(normal)) if self.is_lit(point) else 0
        return mixed(mixed((0, 0, 0), surface.colour_at(point), 0.2 + 0.8 * light), mirrored, 0.2)

    def render(self, width, height):
        total = 0
        for y in range(height):
            for x in range(width):
                total += sum(self.colour_of(Ray(Vector(0, 1.8, 10), Vector((x / width - 0.5) * 2, (0.5 - y / height) * 2, -2))))
        return total


def work():
    scene = Scene(Vector(30, 30, 10))
    scene.add(Sphere(Vector(1, 3, -10), 1), Matt((1, 1, 0)))
    for i in range(6):
        scene.add(Sphere(Vector(-3 - i * 0.4, 2.3, -5), 0.4), Matt((i / 6, 1 - i / 6, 0.5)))
    scene.add(Halfspace(Vector(0, 0, 0), Vector(0, 1, 0)), Checkers((1, 1, 1)))
    return round(scene.render(120, 120), 6)
