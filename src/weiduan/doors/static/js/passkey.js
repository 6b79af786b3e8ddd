// Buttons for passkeys show only where the browser knows them; the library's files do the rest.
if (window.PublicKeyCredential) for (const button of document.querySelectorAll("[data-passkey]")) button.hidden = false;

// The reader pressed “cancel”, took too long, or the device doesn't know this site: a sentence instead of an error.
document.addEventListener("allauth.error", (event) => {
  const line = document.getElementById("passkey_wrong");
  if (!line) return;
  event.preventDefault();
  line.hidden = false;
  line.textContent = line.dataset.refused;
});
