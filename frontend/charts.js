// ECharts with what our pages draw. A page gives the options as JSON: <div class="chart" data-chart="id-of-json-script">.
import { BarChart, GaugeChart, LineChart, PieChart } from "echarts/charts";
import { AriaComponent, DatasetComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

echarts.use([
  AriaComponent, BarChart, CanvasRenderer, DatasetComponent, GaugeChart, GridComponent, LegendComponent, LineChart, PieChart,
  TooltipComponent,
]);

function colours() {
  const style = getComputedStyle(document.documentElement);
  return (name) => style.getPropertyValue(name).trim();
}

function draw(place) {
  const colour = colours();
  const options = JSON.parse(document.getElementById(place.dataset.chart).textContent);
  const chart = echarts.getInstanceByDom(place) ?? echarts.init(place);
  chart.setOption({
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    aria: { enabled: true },
    color: ["--ld-accent", "--ld-ok", "--ld-warn", "--ld-bad", "--ld-calm"].map(colour),
    textStyle: { fontFamily: colour("--ld-font"), color: colour("--ld-text") },
    ...options,
    // Rich text is drawn on the canvas: an HTML tooltip carries inline styles, which our policy refuses.
    tooltip: { renderMode: "richText", ...options.tooltip },
  });
  new ResizeObserver(() => chart.resize()).observe(place);
}

function drawAll() {
  document.querySelectorAll("[data-chart]").forEach(draw);
}

window.echarts = echarts;
drawAll();
document.addEventListener("htmx:afterSettle", drawAll);
new MutationObserver(drawAll).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
