// Draws every <figure data-map-src> of templates/parts/map.html. Maplibre is fetched only where there is one.
// The map adds nothing that the table beside it does not say: when it can't be drawn, it says so and steps back.

export const VENDOR = new URL("../vendor/maplibre-gl@6.17.0/", import.meta.url);
const CELLS = ["covered", "none", "gap", "point-none", "point-covered", "point-gap", "room"];

const figures = [...document.querySelectorAll("figure[data-map-src]")];
if (figures.length && canDraw()) begin();
else for (const figure of figures) stepBack(figure, figure.dataset.unable);

export function canDraw() {
  return Boolean(document.createElement("canvas").getContext("webgl2"));
}

export function stepBack(figure, sentence) {
  figure.querySelector(".wd-map-frame").hidden = true;
  say(figure, sentence, true);
}

export function say(figure, sentence, quiet = false) {
  const line = figure.querySelector(".wd-map-says");
  line.textContent = sentence;
  line.classList.toggle("quiet", quiet);
}

async function begin() {
  try {
    const [maplibre] = await Promise.all([import(new URL("maplibre-gl.mjs", VENDOR).href), styleSheet()]);
    maplibre.setWorkerUrl(new URL("maplibre-gl-worker.mjs", VENDOR).href);
    await Promise.all(figures.map((figure) => draw(figure, maplibre)));
  } catch (error) {
    console.warn(error);
    for (const figure of figures) stepBack(figure, figure.dataset.failed);
  }
}

export function styleSheet() {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = new URL("maplibre-gl.css", VENDOR).href;
  const loaded = new Promise((resolve, reject) => {
    link.onload = resolve;
    link.onerror = () => reject(new Error("maplibre-gl.css"));
  });
  document.head.prepend(link); // before the house's own, which has the last word
  return loaded;
}

async function draw(figure, maplibre) {
  const answer = await fetch(figure.dataset.mapSrc, { headers: { Accept: "application/geo+json, application/json" } });
  if (!answer.ok) return stepBack(figure, figure.dataset.failed);
  const facts = await answer.json();
  if (!facts.features?.length)
    return stepBack(figure, figure.dataset.saysNone.replace("{name}", figure.dataset.mapLabel));

  const frame = figure.querySelector(".wd-map-frame");
  frame.hidden = false;
  const map = new maplibre.Map({ container: frame, ...view(figure, facts), ...manners(figure) });
  fitAgain(map, facts);
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new maplibre.NavigationControl({ showCompass: false }), "top-right");
  map.on("error", (event) => console.warn(event.error));
  map.on("load", () => {
    addHatch(map);
    addMarks(map);
    addLayers(map, facts, figure.dataset.baseTiles);
    if ("pick" in figure.dataset) pick(figure, map);
    else listen(figure, map);
    map.once("idle", () => {
      say(figure, how(figure), true);
      figure.dataset.drawn = "yes";
    });
  });
}

function view(figure, facts) {
  const tiles = figure.dataset.baseTiles;
  const sources = tiles ? { base: { type: "raster", tiles: tiles.split(" "), tileSize: 256, maxzoom: 18 } } : {};
  const layers = tiles ? [{ id: "base", type: "raster", source: "base" }] : [];
  return {
    style: { version: 8, sources, layers },
    bounds: boundsOf(facts),
    fitBoundsOptions: { padding: 24, maxZoom: 17 },
  };
}

// A turned phone or a resized window shows the whole area again, unless the reader has moved the map.
function fitAgain(map, facts) {
  let moved = false;
  map.on("movestart", (event) => (moved ||= Boolean(event.originalEvent)));
  map.on("resize", () => moved || map.fitBounds(boundsOf(facts), { padding: 24, maxZoom: 17, duration: 0 }));
}

export function manners(figure) {
  const words = figure.dataset;
  return {
    attributionControl: false, // whose boundaries they are stands below, as text
    cooperativeGestures: true, // scrolling the page must not move the map
    dragRotate: false,
    pitchWithRotate: false,
    renderWorldCopies: false,
    maxZoom: 20,
    fadeDuration: 0,
    localIdeographFontFamily: token("--wd-font"),
    locale: {
      "Map.Title": words.mapLabel,
      "NavigationControl.ZoomIn": words.zoomIn,
      "NavigationControl.ZoomOut": words.zoomOut,
      "CooperativeGesturesHandler.WindowsHelpText": words.ctrl,
      "CooperativeGesturesHandler.MacHelpText": words.cmd,
      "CooperativeGesturesHandler.MobileHelpText": words.twoFingers,
    },
  };
}

export function token(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function boundsOf(facts) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  const take = (part) => {
    if (typeof part[0] !== "number") return part.forEach(take);
    box[0] = Math.min(box[0], part[0]);
    box[1] = Math.min(box[1], part[1]);
    box[2] = Math.max(box[2], part[0]);
    box[3] = Math.max(box[3], part[1]);
  };
  for (const feature of facts.features) if (feature.geometry) take(feature.geometry.coordinates);
  return box;
}

// A gap is hatched as well as red, so that it is seen without colour too.
export function addHatch(map) {
  const side = 14;
  map.addImage(
    "hatch",
    picture(side, (pen) => {
      pen.fillStyle = token("--wd-red-soft");
      pen.fillRect(0, 0, side, side);
      pen.strokeStyle = token("--wd-red");
      pen.globalAlpha = 0.65;
      pen.lineWidth = 2.2;
      for (const start of [-side, 0, side]) {
        pen.moveTo(start - 2, side + 2);
        pen.lineTo(start + side + 2, -2);
      }
      pen.stroke();
    }),
    { pixelRatio: 2 },
  );
  map.addImage(
    "gap-point",
    picture(36, (pen) => {
      pen.fillStyle = token("--wd-red");
      pen.strokeStyle = token("--wd-surface");
      pen.lineWidth = 4;
      pen.moveTo(18, 4);
      pen.lineTo(32, 30);
      pen.lineTo(4, 30);
      pen.closePath();
      pen.stroke();
      pen.fill();
    }),
    { pixelRatio: 2 },
  );
}

// What a plan does with a room is told by the shape of its mark: filled stays, hollow is new, a cross is given up.
function addMarks(map) {
  const square = (pen, fill) => {
    pen.beginPath();
    pen.roundRect(7, 7, 30, 30, 7);
    pen.fillStyle = token(fill);
    pen.fill();
    pen.stroke();
  };
  const cross = (pen) => {
    pen.moveTo(10, 10);
    pen.lineTo(34, 34);
    pen.moveTo(34, 10);
    pen.lineTo(10, 34);
    pen.stroke();
  };
  const marks = {
    "room-kept": (pen) => square(pen, "--wd-accent-deep"),
    "room-new": (pen) => square(pen, "--wd-surface"),
    "room-closed": cross,
  };
  for (const [name, paint] of Object.entries(marks)) {
    const outlined = (pen) => {
      for (const [width, colour] of [
        [11, "--wd-surface"],
        [5, "--wd-accent-deep"],
      ]) {
        pen.beginPath();
        pen.lineWidth = width;
        pen.strokeStyle = token(colour);
        paint(pen);
      }
    };
    map.addImage(name, picture(44, outlined), { pixelRatio: 2 });
  }
}

export function picture(side, paint) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  const pen = canvas.getContext("2d");
  paint(pen);
  return pen.getImageData(0, 0, side, side);
}

function addLayers(map, facts, tiles) {
  map.addSource("facts", { type: "geojson", data: facts });
  const over = tiles ? 0.7 : 1;
  const area = ["all", ["==", ["geometry-type"], "Polygon"], ["!", ["has", "role"]]];
  const point = ["all", ["==", ["geometry-type"], "Point"], ["!", ["has", "role"]]];
  const state = (kind, word) => [...kind, ["==", ["get", "state"], word]];
  const role = (word) => ["==", ["get", "role"], word];
  const layer = (id, type, filter, paint, layout = {}) =>
    map.addLayer({ id, type, source: "facts", filter, paint, layout });

  layer("covered", "fill", state(area, "covered"), { "fill-color": token("--wd-accent-mid"), "fill-opacity": over });
  layer("none", "fill", state(area, "none"), { "fill-color": token("--wd-line"), "fill-opacity": over });
  layer("gap", "fill", state(area, "gap"), { "fill-pattern": "hatch", "fill-opacity": over });
  layer("outline", "line", area, { "line-color": token("--wd-surface"), "line-width": 1 });
  layer("town", "line", role("town"), { "line-color": token("--wd-accent"), "line-width": 1, "line-opacity": 0.6 });
  layer(
    "edge",
    "line",
    role("edge"),
    { "line-color": token("--wd-accent-deep"), "line-width": 2 },
    { "line-join": "round" },
  );
  const from = (far, near) => ["interpolate", ["linear"], ["zoom"], 10, far, 13, near]; // smaller where there are many
  const dot = { "circle-radius": from(3, 6), "circle-stroke-width": from(0.75, 1.5) };
  layer("point-none", "circle", state(point, "none"), {
    ...dot,
    "circle-color": token("--wd-surface"),
    "circle-stroke-color": token("--wd-line-strong"),
  });
  layer("point-covered", "circle", state(point, "covered"), {
    ...dot,
    "circle-color": token("--wd-accent"),
    "circle-stroke-color": token("--wd-surface"),
  });
  const icon = { "icon-allow-overlap": true, "icon-size": from(0.5, 1) };
  layer("point-gap", "symbol", state(point, "gap"), {}, { ...icon, "icon-image": "gap-point" });
  layer(
    "link",
    "line",
    role("link"),
    { "line-color": token("--wd-ink"), "line-width": 1.5, "line-dasharray": [0, 2.5] },
    { "line-cap": "round" },
  );
  // Which band a ring bounds is told by its strokes: whole is the nearest, dotted the farthest.
  for (const [band, strokes] of [
    [1, [1]],
    [2, [4, 2]],
    [3, [1, 2]],
  ])
    layer(`ring-${band}`, "line", ["all", role("ring"), ["==", ["get", "band"], band]], {
      "line-color": token(band === 1 ? "--wd-accent-deep" : band === 2 ? "--wd-amber" : "--wd-ink-2"),
      "line-width": 2,
      ...(strokes.length > 1 ? { "line-dasharray": strokes } : {}),
    });
  layer("spot", "circle", role("spot"), { "circle-radius": 3, "circle-color": token("--wd-ink") });
  layer("chosen", "line", ["==", ["get", "code"], ""], { "line-color": token("--wd-ink"), "line-width": 2.5 });
  const marked = role("spot");
  addLabels(map, "labels", ["!", marked], { "text-variable-anchor": ["center", "top", "bottom"] });
  addLabels(map, "spot-labels", marked, {
    "text-variable-anchor": ["top", "bottom", "right", "left"],
    "text-radial-offset": 0.9, // clear of the mark of a room in the same place
  });
  // Last, so that it lies on top and names make way for it.
  layer("room", "symbol", role("room"), {}, { ...icon, "icon-image": ["concat", "room-", ["get", "state"]] });
}

function addLabels(map, id, which, place) {
  const elder = document.documentElement.classList.contains("elder");
  map.addLayer({
    id,
    type: "symbol",
    source: "facts",
    filter: ["all", ["==", ["get", "label"], true], which],
    layout: {
      "text-field": ["get", "name"],
      "text-font": [token("--wd-font")],
      "text-size": elder ? 18 : 14,
      "text-max-width": 8,
      "text-padding": 2,
      "symbol-sort-key": ["-", 0, ["coalesce", ["get", "count"], 0]], // those with most missing keep their name first
      ...place,
    },
    paint: { "text-color": token("--wd-ink"), "text-halo-color": token("--wd-surface"), "text-halo-width": 2 },
  });
}

function listen(figure, map) {
  followPointer(map, {
    layers: CELLS,
    show: (found) => {
      const facts = found?.properties;
      map.setFilter("chosen", ["==", ["get", "code"], facts?.code ?? ""]);
      say(figure, facts ? sentence(figure.dataset, facts) : how(figure), !facts);
      return facts?.url;
    },
    open: (found) => go(found?.properties),
  });
}

// What the pointer, or with the keyboard the middle of the map, is on: `show` says it and whether it leads somewhere, `open` goes there.
export function followPointer(map, { layers, show, open }) {
  const canvas = map.getCanvas();
  const at = (spot) => map.queryRenderedFeatures(spot, { layers })[0];
  const look = (found) => (canvas.style.cursor = show(found) ? "pointer" : "");
  const centre = () => {
    const { width, height } = canvas.getBoundingClientRect();
    return at([width / 2, height / 2]);
  };
  const byKeyboard = () => canvas.matches(":focus-visible");

  map.on("mousemove", (event) => look(at(event.point)));
  map.on("mouseout", () => look(undefined));
  map.on("click", (event) => open(at(event.point)));
  map.on("moveend", () => byKeyboard() && look(centre()));
  canvas.addEventListener("focus", () => requestAnimationFrame(() => byKeyboard() && look(centre())));
  canvas.addEventListener("keydown", (event) => event.key === "Enter" && open(centre()));
  addCross(canvas);
}

// On a map to choose a place on, what the reader points at is marked, and told to whoever listens on the figure.
function pick(figure, map) {
  const canvas = map.getCanvas();
  map.addSource("picked", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
  map.addLayer({
    id: "picked",
    type: "symbol",
    source: "picked",
    layout: { "icon-image": "room-new", "icon-allow-overlap": true },
  });
  const choose = ({ lng, lat }) => {
    map.getSource("picked").setData({ type: "Point", coordinates: [lng, lat] });
    figure.dispatchEvent(new CustomEvent("picked", { detail: { lng, lat } }));
  };
  map.on("click", (event) => choose(event.lngLat));
  canvas.addEventListener("keydown", (event) => event.key === "Enter" && choose(map.getCenter()));
  canvas.style.cursor = "crosshair";
  addCross(canvas);
}

function addCross(canvas) {
  const cross = document.createElement("div");
  cross.className = "wd-map-cross";
  canvas.after(cross);
}

export function how(figure) {
  return matchMedia("(hover: hover)").matches ? figure.dataset.howKeys : figure.dataset.how;
}

function sentence(words, { name, state, count, total }) {
  const one = !(total > 1);
  const says =
    {
      gap: one ? words.saysOneGap : words.saysGap,
      covered: one ? words.saysOneCovered : words.saysCovered,
      kept: words.saysKept,
      new: words.saysNew,
      closed: words.saysClosed,
    }[state] ?? words.saysNone;
  return says.replace("{name}", name).replace("{count}", count).replace("{total}", total);
}

export function go(facts) {
  if (!facts?.url) return;
  const address = new URL(facts.url, location.href);
  if (address.origin === location.origin) location.assign(address);
}
