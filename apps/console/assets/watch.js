// An alert's page says when somebody else has changed it; a home's page renews its pictures when
// readings arrive. Both pages are complete without this script.
(function () {
  'use strict';
  const alertNotice = document.querySelector('[data-watch-alert]');
  const pictures = document.querySelector('[data-watch-home]');
  if (!window.EventSource || (!alertNotice && !pictures)) return;
  const RENEW_AT_MOST_EVERY_MS = 15000;
  let renewedMs = Date.now();
  let pending = null;

  async function renew() {
    pending = null;
    renewedMs = Date.now();
    // Somebody reads a table or stands on something in there: leave it as it is.
    if (pictures.querySelector('details[open]') || pictures.contains(document.activeElement)) return;
    const response = await fetch(pictures.dataset.fragment, { headers: { Accept: 'text/html' }, cache: 'no-store', redirect: 'error' }).catch(() => null);
    if (response && response.ok) pictures.innerHTML = await response.text(); // Made and escaped by our own server.
  }

  function soon() {
    if (pending === null) pending = setTimeout(renew, Math.max(500, RENEW_AT_MOST_EVERY_MS - (Date.now() - renewedMs)));
  }

  const source = new EventSource('/api/v1/events' + (pictures ? '?home=' + encodeURIComponent(pictures.dataset.watchHome) : '?since=' + alertNotice.dataset.since));
  source.addEventListener('alert', function (event) {
    const alert = JSON.parse(event.data);
    if (alertNotice && alert.id === alertNotice.dataset.watchAlert && alert.change > Number(alertNotice.dataset.change)) alertNotice.hidden = false;
    if (pictures && alert.home === pictures.dataset.watchHome) soon();
  });
  if (pictures) source.addEventListener('readings', soon);
  window.addEventListener('pagehide', function () { source.close(); });
})();
