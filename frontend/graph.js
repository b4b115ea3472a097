// Cytoscape for link graphs: <div class="graph" data-graph="id-of-json-script"> with {elements, style, layout}.
import cytoscape from "cytoscape";

function draw(place) {
  // Cytoscape would add a style element, which our policy refuses, unless one of this name is there; site.css has its one rule.
  if (!document.getElementById("__________cytoscape_stylesheet")) {
    const meta = document.createElement("meta");
    meta.id = "__________cytoscape_stylesheet";
    document.head.append(meta);
  }
  const given = JSON.parse(document.getElementById(place.dataset.graph).textContent);
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  cytoscape({
    container: place,
    layout: { name: "cose", animate: false },
    style: [
      { selector: "node", style: { label: "data(label)", color: colour("--ld-text"), "background-color": colour("--ld-accent"), "font-size": 12, "text-valign": "bottom", "text-margin-y": 4 } },
      { selector: "edge", style: { label: "data(label)", width: 1.5, "line-color": colour("--ld-line"), "target-arrow-color": colour("--ld-line"), "target-arrow-shape": "triangle", "curve-style": "bezier", color: colour("--ld-quiet"), "font-size": 10 } },
    ],
    ...given,
  });
}

window.cytoscape = cytoscape;
document.querySelectorAll("[data-graph]").forEach(draw);
