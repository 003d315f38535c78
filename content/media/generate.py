"""Pretty pictures out of a random number generator: for demo data and tests, the same for the same seed."""

from __future__ import annotations

import colorsys
import io
import math
import random

from PIL import Image, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
Size = tuple[int, int]


def make_picture(rng: random.Random, size: Size = (1200, 1200)) -> bytes:
    """A JPEG of `size` pixels: a landscape, waves or floating discs, in colours that go together.

    The same state of `rng` gives the same bytes (with the same version of Pillow)."""
    hue = rng.random()
    paint = rng.choice((_landscape, _waves, _discs))
    # Painted at half the size: smooth shapes do not miss it, and seeding a demo stays quick.
    canvas = (max(1, size[0] // 2), max(1, size[1] // 2))
    picture = paint(rng, canvas, hue).resize(size, Image.Resampling.BICUBIC)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


def make_avatar(rng: random.Random, side: int = 400) -> bytes:
    """A square JPEG that tells accounts apart at a small size: a mirrored pattern of blocks."""
    hue, cells = rng.random(), 5
    picture = Image.new("RGB", (cells, cells), _colour(hue, 0.25, 0.97))
    for x in range((cells + 1) // 2):
        for y in range(cells):
            if rng.random() < 0.5:
                colour = _colour(hue + rng.choice((0.0, 0.08, 0.5)), 0.6, 0.8)
                picture.putpixel((x, y), colour)
                picture.putpixel((cells - 1 - x, y), colour)
    buffer = io.BytesIO()
    picture.resize((side, side), Image.Resampling.NEAREST).save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


def _colour(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(
        hue % 1.0, min(1.0, max(0.0, saturation)), min(1.0, max(0.0, value))
    )
    return round(red * 255), round(green * 255), round(blue * 255)


def _gradient(size: Size, top: Colour, bottom: Colour) -> Image.Image:
    strip = Image.new("RGB", (1, 2))
    strip.putpixel((0, 0), top)
    strip.putpixel((0, 1), bottom)
    # Half a pixel at either end is flat; the box leaves it out.
    return strip.resize(size, Image.Resampling.BILINEAR, box=(0, 0.5, 1, 1.5))


def _landscape(rng: random.Random, size: Size, hue: float) -> Image.Image:
    width, height = size
    picture = _gradient(size, _colour(hue, 0.55, 0.75), _colour(hue + 0.1, 0.25, 1.0))
    draw = ImageDraw.Draw(picture)
    radius = min(size) * rng.uniform(0.06, 0.14)
    x, y = width * rng.uniform(0.2, 0.8), height * rng.uniform(0.15, 0.4)
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=_colour(hue + 0.12, 0.15, 1.0))
    picture = picture.filter(ImageFilter.GaussianBlur(2))
    draw = ImageDraw.Draw(picture)
    layers = rng.randint(3, 5)
    for layer in range(layers):
        depth = (layer + 1) / layers
        base = height * (0.4 + 0.5 * depth * rng.uniform(0.85, 1.0))
        ridge = _ridge(rng, width, base, height * 0.16 * (1.3 - depth))
        colour = _colour(hue + 0.45 - 0.1 * depth, 0.25 + 0.4 * depth, 0.75 - 0.5 * depth)
        draw.polygon([(0, height), *ridge, (width, height)], fill=colour)
    return picture


def _ridge(rng: random.Random, width: int, base: float, swing: float) -> list[tuple[float, float]]:
    waves = [
        (rng.uniform(0.6, 1.0) / n, n * rng.uniform(0.8, 1.2), rng.uniform(0, math.tau)) for n in (1, 2, 4, 8)
    ]
    points = []
    for x in range(0, width + 4, 4):
        lift = sum(a * math.sin(phase + math.tau * n * x / width) for a, n, phase in waves)
        points.append((float(x), base - swing * lift / 2))
    return points


def _waves(rng: random.Random, size: Size, hue: float) -> Image.Image:
    width, height = size
    picture = _gradient(size, _colour(hue, 0.2, 1.0), _colour(hue + 0.15, 0.5, 0.9))
    draw = ImageDraw.Draw(picture)
    bands = rng.randint(6, 10)
    for band in range(bands):
        depth = band / bands
        ridge = _ridge(rng, width, height * (0.15 + 0.85 * depth), height * 0.08)
        colour = _colour(hue + 0.25 * depth, 0.3 + 0.45 * depth, 1.0 - 0.55 * depth)
        draw.polygon([(0, height), *ridge, (width, height)], fill=colour)
    return picture


def _discs(rng: random.Random, size: Size, hue: float) -> Image.Image:
    width, height = size
    picture = _gradient(size, _colour(hue, 0.7, 0.35), _colour(hue + 0.2, 0.6, 0.7))
    for _ in range(rng.randint(10, 18)):
        radius = min(size) * rng.uniform(0.04, 0.22)
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        mask = Image.new("L", size)
        ImageDraw.Draw(mask).ellipse(
            (x - radius, y - radius, x + radius, y + radius), fill=rng.randint(60, 170)
        )
        picture.paste(_colour(hue + rng.uniform(-0.1, 0.25), 0.5, 1.0), (0, 0), mask)
    return picture.filter(ImageFilter.GaussianBlur(1.5))
