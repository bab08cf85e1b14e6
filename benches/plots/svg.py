"""Charts as SVG: horizontal bars and panels of curves. Text stays text, and colours suit light and dark pages."""

import math
from xml.sax.saxutils import escape

STYLE = """
text { font: 13px system-ui, "Segoe UI", Helvetica, Arial, sans-serif; fill: #6e7781 }
.title { font-size: 16px; font-weight: 600 }
.small { font-size: 11px }
.strong { font-weight: 600 }
.grid { stroke: #8c959f; stroke-opacity: .3 }
.axis { stroke: #8c959f }
.ours { fill: #2f81f7 } .other { fill: #8c959f } .half { fill: #2f81f7; fill-opacity: .55 }
.line { fill: none; stroke: #2f81f7; stroke-width: 2 } .dot { fill: #2f81f7 }
.line1 { fill: none; stroke: #d4842a; stroke-width: 2 } .dot1 { fill: #d4842a }
.line2 { fill: none; stroke: #2da05a; stroke-width: 2 } .dot2 { fill: #2da05a }
.line3 { fill: none; stroke: #a371f7; stroke-width: 2 } .dot3 { fill: #a371f7 }
@media (prefers-color-scheme: dark) { text { fill: #b1bac4 } }
"""


class Svg:
    """A picture in the making."""

    def __init__(self, width, height, title):
        self.size = (width, height)
        self.title = title
        self.parts = []
        self.text(16, 28, title, "title")

    def text(self, x, y, text, css="", anchor="start", turn=None):
        turned = f' transform="rotate({turn} {x:.1f} {y:.1f})"' if turn else ""
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" class="{css}" text-anchor="{anchor}"{turned}>{escape(text)}</text>'
        )

    def line(self, x1, y1, x2, y2, css="grid"):
        self.parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{css}"/>')

    def bar(self, x, y, width, height, css):
        width = max(width, 1)
        self.parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="2" class="{css}"/>'
        )

    def curve(self, points, number=0):
        css = str(number) if number else ""
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.parts.append(f'<polyline points="{path}" class="line{css}"/>')
        for x, y in points:
            self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" class="dot{css}"/>')

    def write(self, path):
        width, height = self.size
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
            f'height="{height}" role="img"><title>{escape(self.title)}</title><style>{STYLE}</style>\n'
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(head + "\n".join(self.parts) + "\n</svg>\n")


def time(ns):
    """`12.3 ns`, `4.6 µs`, `0.9 ms`."""
    for unit, factor in (("ns", 1), ("µs", 1e3), ("ms", 1e6), ("s", 1e9)):
        value = ns / factor
        if value < 999.5 or unit == "s":
            break
    digits = 0 if value >= 99.95 else 1 if value >= 9.995 else 2
    text = f"{value:.{digits}f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} {unit}"


def count(number):
    """`12,300`."""
    return f"{number:,.0f}"


def decades(low, high):
    """The powers of ten that enclose both."""
    return range(math.floor(math.log10(low)), math.ceil(math.log10(high) - 1e-9) + 1)


def bars(title, subtitle, rows, axis, path, log=True, label=time):
    """Horizontal bars: rows are (name, value, whether it is ours)."""
    left, right, row, top = 300, 110, 30, 66
    width = 830
    bottom = top + row * len(rows)
    svg = Svg(width, bottom + 52, title)
    svg.text(16, 48, subtitle, "small")
    values = [value for _, value, _ in rows]
    span = width - left - right
    if log:
        powers = decades(min(values) / 1.5, max(values))
        low, high = powers[0], powers[-1]
        at = lambda value: left + span * (math.log10(value) - low) / (high - low)
        ticks = [10.0**power for power in powers]
    else:
        step = nice(max(values) / 4)
        ticks = [step * n for n in range(math.ceil(max(values) / step) + 1)]
        at = lambda value: left + span * value / ticks[-1]
    for tick in ticks:
        svg.line(at(tick), top - 4, at(tick), bottom + 4)
        svg.text(at(tick), bottom + 20, label(tick), "small", "middle")
    for number, (name, value, ours) in enumerate(rows):
        y = top + row * number
        svg.text(left - 10, y + 19, name, "strong" if ours else "", "end")
        svg.bar(left, y + 5, at(value) - left, row - 10, "ours" if ours else "other")
        svg.text(at(value) + 6, y + 19, label(value), "strong" if ours else "")
    svg.line(left, top - 4, left, bottom + 4, "axis")
    svg.text(left + span / 2, bottom + 40, axis, "small", "middle")
    svg.write(path)


def nice(step):
    """A round number that is not below `step`."""
    power = 10 ** math.floor(math.log10(step))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= step)


def panels(title, subtitle, charts, path, columns=3, size=(316, 204)):
    """Curves on logarithmic axes, all with the same vertical one. A chart is (name, {series: [(x, y), ..]})."""
    (wide, tall), left, top = size, 66, 92
    rows = math.ceil(len(charts) / columns)
    svg = Svg(left + columns * wide - 40, top + rows * tall - 34, title)
    svg.text(16, 48, subtitle, "small")
    values = [y for _, series in charts for points in series.values() for _, y in points]
    powers = decades(min(values), max(values))
    low, high = powers[0], powers[-1]
    for number, (name, series) in enumerate(charts):
        x0, y0 = left + number % columns * wide, top + number // columns * tall
        span, height = wide - 84, tall - 74
        xs = sorted({x for points in series.values() for x, _ in points})
        first, last = math.log10(xs[0]), math.log10(xs[-1])
        across = lambda x: x0 + span * (math.log10(x) - first) / (last - first)
        up = lambda y: y0 + height * (1 - (math.log10(y) - low) / (high - low))
        svg.text(x0, y0 - 12, name, "strong")
        for power in powers:
            svg.line(x0, up(10**power), x0 + span, up(10**power))
            svg.text(x0 - 8, up(10**power) + 4, time(10**power), "small", "end")
        for x in xs:
            svg.line(across(x), y0 + height, across(x), y0 + height + 4, "axis")
            svg.text(across(x), y0 + height + 17, count(x), "small", "middle")
        svg.line(x0, y0 + height, x0 + span, y0 + height, "axis")
        for which, (label, points) in enumerate(series.items()):
            svg.curve([(across(x), up(y)) for x, y in points], which)
            if label:
                x, y = points[-1]
                svg.text(across(x), up(y) - 8, f"{label} {time(y)}", "small", "end")
            else:
                (x, y), (end, value) = points[0], points[-1]
                svg.text(across(x), up(y) - 13, time(y), "small")
                svg.text(across(end), up(value) - 8, time(value), "small", "end")
    svg.write(path)
