// Cytoscape for link graphs: <div class="graph" data-graph="id-of-json-script"> with {elements, style, layout}.
import cytoscape from "cytoscape";

const MARK = "__________cytoscape_stylesheet";

// `scale` keeps words readable where the whole graph had to be shown small.
function shapes(scale) {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const words = { label: "data(label)", "font-family": colour("--ld-font"), "text-background-color": colour("--ld-box"), "text-background-opacity": 0.9, "text-background-padding": 2 };
  const node = { ...words, width: 26 * scale, height: 26 * scale, color: colour("--ld-text"), "background-color": colour("--ld-accent"), "font-size": 13 * scale, "text-valign": "bottom", "text-margin-y": 5 * scale };
  const line = { width: 1.5 * scale, "line-color": colour("--ld-calm"), "target-arrow-color": colour("--ld-calm"), "target-arrow-shape": "triangle", "curve-style": "bezier" };
  return [
    { selector: "node", style: node },
    { selector: "edge", style: { ...words, ...line, color: colour("--ld-quiet"), "font-size": 11 * scale } },
  ];
}

function draw(place) {
  // Cytoscape adds a style element, which our policy refuses, unless something of its name is there; site.css has its one rule.
  if (!document.getElementById(MARK)) {
    const meta = document.createElement("meta");
    meta.id = MARK;
    document.head.append(meta);
  }
  const given = JSON.parse(document.getElementById(place.dataset.graph).textContent);
  const layout = { name: "cose", animate: false, padding: 36, idealEdgeLength: () => 80, nodeDimensionsIncludeLabels: true };
  const graph = cytoscape({ container: place, maxZoom: 1.5, layout, ...given, style: shapes(1) });
  const scale = Math.min(2.5, Math.max(1, 1 / graph.zoom()));
  const repaint = () => graph.style([...shapes(scale), ...(given.style ?? [])]);
  repaint();
  new MutationObserver(repaint).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
}

window.cytoscape = cytoscape;
document.querySelectorAll("[data-graph]").forEach(draw);
