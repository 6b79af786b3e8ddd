// “It is where I am”: asks the browser only when touched, and sends the place with the form. Without script the button isn't there.

const button = document.querySelector("[data-locate]");
if (button && navigator.geolocation) {
  button.hidden = false;
  button.addEventListener("click", ask);
}

function ask(event) {
  event.preventDefault();
  const line = document.getElementById("located");
  line.textContent = button.dataset.asking;
  const options = { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 };
  navigator.geolocation.getCurrentPosition(send, () => (line.textContent = button.dataset.denied), options);
}

function send({ coords }) {
  const form = button.form;
  form.elements.lon.value = coords.longitude.toFixed(6);
  form.elements.lat.value = coords.latitude.toFixed(6);
  form.requestSubmit(button);
}
