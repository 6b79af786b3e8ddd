// Where a matter really lies: a touch on the map, or “use my place”, fills in the two numbers of the form. Without script they are typed.

const form = document.querySelector("[data-pin]");
const line = form.querySelector("[role=status]");
document.querySelector("figure[data-pick]")?.addEventListener("picked", ({ detail }) => fill(detail.lng, detail.lat));

const button = form.querySelector("[data-locate]");
if (navigator.geolocation) {
  button.hidden = false;
  button.addEventListener("click", ask);
}

function ask() {
  line.textContent = button.dataset.asking;
  const options = { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 };
  const denied = () => (line.textContent = button.dataset.denied);
  navigator.geolocation.getCurrentPosition(({ coords }) => fill(coords.longitude, coords.latitude), denied, options);
}

function fill(lon, lat) {
  form.elements.lon.value = lon.toFixed(6);
  form.elements.lat.value = lat.toFixed(6);
  line.textContent = form.dataset.filled;
}
