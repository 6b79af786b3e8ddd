// “Use my place”: asks the browser only when touched, and hands the place over once. Without script the button isn't there.

const part = document.querySelector("[data-here]");
if (part && navigator.geolocation) {
  part.hidden = false;
  part.querySelector("button").addEventListener("click", ask);
}

function ask() {
  const line = part.querySelector("[role=status]");
  line.textContent = part.dataset.asking;
  const options = { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 };
  navigator.geolocation.getCurrentPosition(go, () => (line.textContent = part.dataset.denied), options);
}

function go({ coords }) {
  const address = new URL(part.dataset.here, location.href);
  address.searchParams.set("lon", coords.longitude.toFixed(6));
  address.searchParams.set("lat", coords.latitude.toFixed(6));
  location.replace(address); // the place stays out of the history
}
