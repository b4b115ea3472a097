// ECharts with what our pages draw. A page gives the options as JSON: <div class="chart" data-chart="id-of-json-script">.
import { BarChart, GaugeChart, LineChart, PieChart } from "echarts/charts";
import { AriaComponent, DatasetComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

echarts.use([
  AriaComponent, BarChart, CanvasRenderer, DatasetComponent, GaugeChart, GridComponent, LegendComponent, LineChart, PieChart,
  TooltipComponent,
]);

function draw(place) {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const axis = {
    axisLine: { lineStyle: { color: colour("--ld-line") } },
    axisLabel: { color: colour("--ld-quiet") },
    splitLine: { lineStyle: { color: colour("--ld-line") } },
  };
  const theme = {
    color: ["--ld-accent", "--ld-ok", "--ld-warn", "--ld-bad", "--ld-calm"].map(colour),
    textStyle: { fontFamily: colour("--ld-font"), color: colour("--ld-text") },
    legend: { textStyle: { color: colour("--ld-text") } },
    tooltip: { backgroundColor: colour("--ld-box"), borderColor: colour("--ld-line"), textStyle: { color: colour("--ld-text") } },
    categoryAxis: { ...axis, splitLine: { show: false } },
    valueAxis: axis,
    timeAxis: axis,
  };
  const options = JSON.parse(document.getElementById(place.dataset.chart).textContent);
  echarts.getInstanceByDom(place)?.dispose();
  echarts.init(place, theme).setOption({
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    aria: { enabled: true },
    grid: { left: 4, right: 16, top: 32, bottom: 4, containLabel: true },
    ...options,
    // Rich text is drawn on the canvas: an HTML tooltip carries inline styles, which our policy refuses.
    tooltip: { renderMode: "richText", ...options.tooltip },
  });
}

function drawNew() {
  for (const place of document.querySelectorAll("[data-chart]")) if (!echarts.getInstanceByDom(place)) draw(place);
}

function resizeAll() {
  document.querySelectorAll("[data-chart]").forEach((place) => echarts.getInstanceByDom(place)?.resize());
}

window.echarts = echarts;
drawNew();
window.addEventListener("resize", resizeAll);
document.addEventListener("htmx:afterSettle", drawNew);
new MutationObserver(() => document.querySelectorAll("[data-chart]").forEach(draw)).observe(document.documentElement, {
  attributeFilter: ["data-bs-theme"],
});
