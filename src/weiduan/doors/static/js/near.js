// “Nearest first”: asks the browser for the place only when touched, and puts the rows in order here. Nothing is sent anywhere.

const RADIUS_M = 6371000;
const part = document.querySelector("[data-near]");
if (part && navigator.geolocation) {
  part.hidden = false;
  part.querySelector("button").addEventListener("click", ask);
}

function ask() {
  say(part.dataset.asking);
  const options = { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 };
  navigator.geolocation.getCurrentPosition(({ coords }) => order(coords), () => say(part.dataset.denied), options);
}

function say(sentence) {
  part.querySelector("[role=status]").textContent = sentence;
}

function order({ longitude, latitude }) {
  const list = document.getElementById("matters");
  const rows = [...list.children].map((row) => ({ row, metres: metresTo(row, longitude, latitude) }));
  rows.sort((one, other) => (one.metres === other.metres ? 0 : one.metres - other.metres));
  for (const { row, metres } of rows) {
    row.querySelector("[data-far]").textContent = Number.isFinite(metres) ? words(metres) : part.dataset.unknown;
    list.append(row); // moves it
  }
  say(part.dataset.done);
}

// Those that nobody knows a place of come last, in the order they had.
function metresTo({ dataset }, longitude, latitude) {
  if (!dataset.lon) return Infinity;
  const [lon, lat] = [Number(dataset.lon), Number(dataset.lat)];
  const east = radians(lon - longitude) * Math.cos(radians((lat + latitude) / 2));
  return RADIUS_M * Math.hypot(east, radians(lat - latitude));
}

function radians(degrees) {
  return (degrees * Math.PI) / 180;
}

function words(metres) {
  const far = metres < 1000 ? Math.round(metres / 10) * 10 : (metres / 1000).toFixed(1);
  return (metres < 1000 ? part.dataset.metres : part.dataset.kilometres).replace("{n}", far);
}
