// While a check waits, looks every second and a half whether the device has been heard. The page is
// complete without this script: "Look again" does the same.
(function () {
  'use strict';
  const standing = document.getElementById('standing');
  const EVERY_MS = 1500;

  async function look() {
    if (!standing.querySelector('[data-waiting]')) return;
    const response = await fetch(standing.dataset.fragment, { headers: { Accept: 'text/html' }, cache: 'no-store', redirect: 'error' }).catch(() => null);
    if (response && response.ok) {
      const text = await response.text(); // Made and escaped by our own server.
      if (text !== standing.innerHTML) standing.innerHTML = text;
    }
    setTimeout(look, EVERY_MS);
  }
  if (standing) setTimeout(look, EVERY_MS);
})();
