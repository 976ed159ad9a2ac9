// Keeps the list of alerts up to date while the page is open. Without this script the page still
// works: it then says that it has to be reloaded.
(function () {
  'use strict';
  const list = document.getElementById('alert-list');
  const state = document.getElementById('live-state');
  const text = document.getElementById('live-text');
  const announce = document.getElementById('announce');
  if (!list || !window.EventSource) return;

  const RENEW_EVERY_MS = 30000;
  const QUIET_MAX_MS = 45000; // The service sends a heartbeat every 15 s.
  const known = new Map();
  let heardMs = Date.now();
  let pending = null;
  let running = false;
  let again = false;

  function show(name, words) {
    if (state.dataset.state === name) return;
    state.dataset.state = name;
    text.textContent = words;
  }

  function remember() {
    for (const item of list.querySelectorAll('[data-alert]')) known.set(item.dataset.alert, item.dataset.severity);
  }

  // Says aloud what is new: emergencies by name, others as a number.
  function tellNew() {
    const fresh = [...list.querySelectorAll('[data-alert]')].filter(function (item) {
      return item.dataset.status === 'open' && known.get(item.dataset.alert) !== item.dataset.severity;
    });
    if (fresh.length === 0) return;
    for (const item of fresh) item.classList.add('hw-alert--new');
    const emergencies = fresh.filter((item) => item.dataset.severity === 'emergency');
    const named = emergencies.slice(0, 3).map((item) =>
      item.querySelector('.hw-alert__reason').textContent.trim() + ', ' + item.querySelector('.hw-alert__where').textContent.trim());
    announce.textContent = emergencies.length > 0
      ? 'New emergency: ' + named.join('. ')
      : fresh.length + (fresh.length === 1 ? ' new alert' : ' new alerts');
  }

  function title() {
    const waiting = list.querySelectorAll('.hw-alert--waiting').length;
    const plain = document.title.replace(/^\(\d+\) /, '');
    document.title = (waiting > 0 ? '(' + waiting + ') ' : '') + plain;
  }

  async function renew() {
    if (running) { again = true; return; }
    running = true;
    try {
      const response = await fetch(list.dataset.fragment, { headers: { Accept: 'text/html' }, cache: 'no-store', redirect: 'error' });
      if (response.status === 401) {
        show('lost', 'You have been signed out. Sign in again to see new alerts.');
        return;
      }
      if (!response.ok) throw new Error(String(response.status));
      const html = await response.text();
      const focused = document.activeElement && list.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
      list.innerHTML = html; // Made and escaped by our own server.
      if (focused !== null) {
        const same = [...list.querySelectorAll('a')].find((link) => link.getAttribute('href') === focused);
        if (same) same.focus({ preventScroll: true });
      }
      tellNew();
      remember();
      title();
    } catch {
      show('lost', 'Connection lost. What you see may be out of date; trying again.');
    } finally {
      running = false;
      if (again) { again = false; soon(); }
    }
  }

  function soon() {
    if (pending !== null) return;
    pending = setTimeout(function () { pending = null; void renew(); }, 150);
  }

  function alive() {
    heardMs = Date.now();
    show('live', 'Live: new alerts appear by themselves.');
  }

  let source = null;
  function connect() {
    if (source) source.close();
    source = new EventSource('/api/v1/events');
    source.addEventListener('ready', function () { alive(); soon(); });
    source.addEventListener('beat', alive);
    source.addEventListener('alert', function () { alive(); soon(); });
    source.onerror = function () {
      show('lost', 'Connection lost. What you see may be out of date; trying again.');
      if (source.readyState === EventSource.CLOSED) { void renew(); setTimeout(connect, 5000); }
    };
  }

  remember();
  title();
  connect();
  window.addEventListener('offline', function () { show('lost', 'Connection lost. What you see may be out of date; trying again.'); });
  window.addEventListener('online', connect);
  setInterval(function () {
    if (Date.now() - heardMs > QUIET_MAX_MS) {
      show('lost', 'Connection lost. What you see may be out of date; trying again.');
      heardMs = Date.now();
      connect();
    }
    soon();
  }, RENEW_EVERY_MS);
})();
