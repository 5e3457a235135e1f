/** The sprite's icons as paths that a canvas can draw, in their square of 24. */
import address from "virtual:icons";

let loading: Promise<Map<string, Path2D>> | null = null;

/** Every icon of the sprite by name; an empty map when it cannot be fetched. */
export function iconPaths(): Promise<Map<string, Path2D>> {
  loading ??= fetch(address)
    .then((response) => response.text())
    .then(readSprite)
    .catch(() => new Map<string, Path2D>());
  return loading;
}

export function readSprite(text: string): Map<string, Path2D> {
  const sprite = new DOMParser().parseFromString(text, "image/svg+xml");
  const found = new Map<string, Path2D>();
  for (const symbol of sprite.querySelectorAll("symbol")) {
    const path = new Path2D();
    for (const shape of symbol.children) path.addPath(pathOf(shape));
    found.set(symbol.id, path);
  }
  return found;
}

function pathOf(shape: Element): Path2D {
  const n = (name: string): number => Number(shape.getAttribute(name) ?? 0);
  const path = new Path2D();
  switch (shape.tagName) {
    case "path":
      return new Path2D(shape.getAttribute("d") ?? "");
    case "circle":
      path.arc(n("cx"), n("cy"), n("r"), 0, 2 * Math.PI);
      break;
    case "ellipse":
      path.ellipse(n("cx"), n("cy"), n("rx"), n("ry"), 0, 0, 2 * Math.PI);
      break;
    case "rect":
      path.roundRect(n("x"), n("y"), n("width"), n("height"), n("rx"));
      break;
    case "line":
      path.moveTo(n("x1"), n("y1"));
      path.lineTo(n("x2"), n("y2"));
      break;
    case "polyline":
    case "polygon":
      return new Path2D(polygonPath(shape));
  }
  return path;
}

function polygonPath(shape: Element): string {
  const points = (shape.getAttribute("points") ?? "").trim().split(/[\s,]+/);
  const steps = points.flatMap((x, i) => (i % 2 ? [] : [`${i ? "L" : "M"}${x} ${points[i + 1] ?? 0}`]));
  return steps.join("") + (shape.tagName === "polygon" ? "Z" : "");
}
