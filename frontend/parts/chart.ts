/** One chart from the table of its figure. Its own chunk: nothing but charts imports this. */
import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import type { EChartsOption } from "echarts";
import { CanvasRenderer } from "echarts/renderers";
import { readTable, type ChartData } from "./chart-table";
import { language } from "./words";

use([BarChart, LineChart, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

export function drawChart(figure: HTMLElement): void {
  const table = figure.querySelector("table");
  const place = document.createElement("div");
  if (!table) return;
  place.className = "drawing";
  place.setAttribute("aria-hidden", "true");
  figure.dataset["drawn"] = "";
  figure.querySelector("figcaption")?.after(place);
  const details = figure.querySelector("details");
  if (details) details.open = false;
  const chart = init(place, null, { renderer: "canvas" });
  const paint = () => chart.setOption(option(readTable(table), figure), true);
  paint();
  new ResizeObserver(() => chart.resize()).observe(place);
  watchTheme(paint);
  // A canvas shows nothing for letters whose part of the font is still on its way.
  document.fonts.addEventListener("loadingdone", paint);
}

function watchTheme(paint: () => void): void {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
}

function option(data: ChartData, figure: HTMLElement): EChartsOption {
  const colour = (name: string) => paintOf(figure, name);
  const kind = figure.dataset["chart"] === "bar" ? "bar" : "line";
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 2 });
  const unit = figure.dataset["unit"] ?? "";
  return {
    aria: { enabled: false },
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    color: [1, 2, 3, 4, 5, 6].map((n) => colour(`--series-${n}`)),
    textStyle: { fontFamily: getComputedStyle(figure).fontFamily, color: colour("--text-quiet") },
    grid: { left: 8, right: 12, top: data.series.length > 1 ? 36 : 16, bottom: 4, containLabel: true },
    ...(data.series.length > 1
      ? { legend: { top: 0, left: 0, icon: "roundRect", itemWidth: 12, itemHeight: 4, textStyle: { color: colour("--text-quiet") } } }
      : {}),
    // Drawn on the canvas: a tooltip of HTML would need inline styles.
    tooltip: {
      trigger: "axis",
      renderMode: "richText",
      confine: true,
      backgroundColor: colour("--raised"),
      borderColor: colour("--line-strong"),
      textStyle: { color: colour("--text"), fontSize: 13 },
      valueFormatter: (value) => (typeof value === "number" ? `${number.format(value)} ${unit}`.trim() : "–"),
    },
    xAxis: {
      type: "category",
      data: data.labels,
      axisLine: { lineStyle: { color: colour("--line-strong") } },
      axisTick: { show: false },
      axisLabel: { color: colour("--text-quiet"), fontSize: 12, hideOverlap: true },
    },
    yAxis: {
      type: "value",
      splitLine: { lineStyle: { color: colour("--line") } },
      axisLabel: { color: colour("--text-quiet"), fontSize: 12, formatter: (value: number) => number.format(value) },
    },
    series: data.series.map(({ name, values }) => ({
      type: kind,
      name,
      data: values,
      connectNulls: false,
      ...(kind === "bar"
        ? { barMaxWidth: 28, itemStyle: { borderRadius: [3, 3, 0, 0] } }
        : { showSymbol: values.length < 40, symbolSize: 5, lineStyle: { width: 2 } }),
    })),
  };
}

/** The computed colour of a token: light-dark() resolved in the figure's own theme. */
function paintOf(figure: HTMLElement, token: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${token})`;
  figure.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}
