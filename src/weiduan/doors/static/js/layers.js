// Draws <figure data-layers> of templates/desk/map_layers/page.html: vector tiles of one layer, villages from afar and units near by.
// The table below has the same facts; where the map can't be drawn, it says so and steps back.

import { VENDOR, addHatch, canDraw, followPointer, go, how, manners, picture, say, stepBack, styleSheet, token } from "./map.js";

const PARTS = ["villages", "units"];
const figure = document.querySelector("figure[data-layers]");
if (figure && canDraw()) begin();
else if (figure) stepBack(figure, figure.dataset.unable);

async function begin() {
  try {
    const [maplibre] = await Promise.all([import(new URL("maplibre-gl.mjs", VENDOR).href), styleSheet()]);
    maplibre.setWorkerUrl(new URL("maplibre-gl-worker.mjs", VENDOR).href);
    draw(maplibre);
  } catch (error) {
    console.warn(error);
    stepBack(figure, figure.dataset.failed);
  }
}

function draw(maplibre) {
  const frame = figure.querySelector(".wd-map-frame");
  frame.hidden = false;
  const [west, south, east, north] = figure.dataset.box.split(",").map(Number);
  const bounds = [
    [west, south],
    [east, north],
  ];
  const map = new maplibre.Map({
    container: frame,
    style: style(),
    bounds,
    fitBoundsOptions: { padding: 24, maxZoom: 17 },
    ...manners(figure),
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new maplibre.NavigationControl({ showCompass: false }), "top-right");
  map.on("error", (event) => console.warn(event.error));
  map.on("load", () => {
    addHatch(map);
    addDots(map);
    for (const part of PARTS) addPart(map, part);
    listen(map);
    map.once("idle", () => {
      say(figure, how(figure), true);
      figure.dataset.drawn = "yes";
    });
  });
}

function style() {
  const base = figure.dataset.baseTiles;
  const tiles = location.origin + figure.dataset.layers.replace("/0/0/0.mvt", "/{z}/{x}/{y}.mvt");
  const sources = {
    layer: { type: "vector", tiles: [tiles], minzoom: 0, maxzoom: Number(figure.dataset.nearest) },
    ...(base && { base: { type: "raster", tiles: base.split(" "), tileSize: 256, maxzoom: 18 } }),
  };
  return { version: 8, sources, layers: base ? [{ id: "base", type: "raster", source: "base" }] : [] };
}

// What lacks a little is dotted as well as amber, so that it is seen without colour too.
function addDots(map) {
  const side = 14;
  const dots = picture(side, (pen) => {
    pen.fillStyle = token("--wd-amber-soft");
    pen.fillRect(0, 0, side, side);
    pen.fillStyle = token("--wd-amber");
    pen.beginPath();
    pen.arc(side / 2, side / 2, 2.4, 0, 7);
    pen.fill();
  });
  map.addImage("dots", dots, { pixelRatio: 2 });
}

function addPart(map, part) {
  const over = figure.dataset.baseTiles ? 0.7 : 1;
  const paints = {
    ok: { "fill-color": token("--wd-accent-mid") },
    some: { "fill-pattern": "dots" },
    most: { "fill-pattern": "hatch" },
  };
  const common = { source: "layer", "source-layer": part };
  for (const [state, paint] of Object.entries(paints))
    map.addLayer({
      id: `${part}-${state}`,
      type: "fill",
      ...common,
      filter: ["==", ["get", "state"], state],
      paint: { ...paint, "fill-opacity": over },
    });
  map.addLayer({
    id: `${part}-line`,
    type: "line",
    ...common,
    paint: { "line-color": token("--wd-surface"), "line-width": 1 },
  });
  map.addLayer({
    id: `${part}-chosen`,
    type: "line",
    ...common,
    filter: ["==", ["get", "code"], ""],
    paint: { "line-color": token("--wd-ink"), "line-width": 2.5 },
  });
  const elder = document.documentElement.classList.contains("elder");
  map.addLayer({
    id: `${part}-names`,
    type: "symbol",
    ...common,
    minzoom: part === "units" ? 13 : 9,
    layout: {
      "text-field": ["get", "name"],
      "text-font": [token("--wd-font")],
      "text-size": elder ? 18 : 14,
      "text-max-width": 8,
      "text-padding": 2,
      "symbol-sort-key": ["-", 0, ["get", "n"]],
    },
    paint: { "text-color": token("--wd-ink"), "text-halo-color": token("--wd-surface"), "text-halo-width": 2 },
  });
}

function listen(map) {
  followPointer(map, {
    layers: PARTS.flatMap((part) => ["ok", "some", "most"].map((state) => `${part}-${state}`)),
    show: (found) => {
      const code = found?.properties.code;
      for (const part of PARTS) map.setFilter(`${part}-chosen`, ["==", ["get", "code"], code ?? ""]);
      say(figure, found ? sentence(found) : how(figure), !found);
      return found;
    },
    open: (found) => found && go({ url: figure.dataset.url.replace("{code}", found.properties.code) }),
  });
}

function sentence({ sourceLayer, properties }) {
  const says = sourceLayer === "units" ? figure.dataset.saysUnit : figure.dataset.saysVillage;
  return says.replace("{name}", properties.name).replace("{n}", properties.n).replace("{of}", properties.of);
}
