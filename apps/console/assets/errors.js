// Puts the keyboard on the summary of what was wrong, and from there on the field that a link names.
(function () {
  'use strict';
  const summary = document.querySelector('.nhsuk-error-summary');
  if (!summary) return;
  summary.setAttribute('tabindex', '-1');
  summary.focus();
  summary.addEventListener('click', function (event) {
    const link = event.target.closest('a[href^="#"]');
    const field = link && document.getElementById(link.getAttribute('href').slice(1));
    if (!field) return;
    event.preventDefault();
    const details = field.closest('details');
    if (details) details.open = true;
    field.focus();
    field.scrollIntoView({ block: 'center' });
  });
})();
