/** Draws each chart from the table beside it when it comes into view; ECharts is fetched only then. */
let watcher: IntersectionObserver | undefined;

export function drawCharts(within: ParentNode): void {
  const figures = within.querySelectorAll<HTMLElement>("figure.chart:not([data-drawn])");
  if (figures.length === 0) return;
  watcher ??= new IntersectionObserver(draw, { rootMargin: "200px" });
  for (const figure of figures) watcher.observe(figure);
}

async function draw(entries: IntersectionObserverEntry[]): Promise<void> {
  const seen = entries.filter((entry) => entry.isIntersecting).map((entry) => entry.target as HTMLElement);
  if (seen.length === 0) return;
  const { drawChart } = await import("../parts/chart");
  for (const figure of seen) {
    watcher?.unobserve(figure);
    if (!("drawn" in figure.dataset)) drawChart(figure);
  }
}
