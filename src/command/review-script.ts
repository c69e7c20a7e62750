/**
 * The script of the review page, as text: no page loads anything. What was
 * chosen becomes lines of a CSV that `pipeline review --import` reads.
 */
export const reviewScript = `
'use strict';
/* items: {item, leads, choice, winner, people, reason}; gives CSV rows. */
function decisionRows(items) {
  return items.flatMap(({ item, leads, choice, winner, people, reason }) => {
    if (choice === '') return [];
    if (choice !== 'some') {
      return [[item, choice, '', '', choice === 'same' ? winner : '', reason]];
    }
    return leads.flatMap((a, i) => leads.slice(i + 1).map((b, j) => [
      item, people[i] === people[i + 1 + j] ? 'same' : 'different', a, b, '', reason,
    ]));
  });
}
function decisionCsv(items, author) {
  const cell = (text) => '"' + String(text).replace(/"/g, '""') + '"';
  const rows = decisionRows(items).map((row) => [...row, author]);
  return [['item', 'decision', 'a', 'b', 'winner', 'reason', 'author'], ...rows]
    .map((row) => row.map(cell).join(',')).join('\\r\\n') + '\\r\\n';
}
if (typeof document !== 'undefined') {
  const sections = [...document.querySelectorAll('section[data-item]')];
  const read = (section) => {
    const value = (selector) => section.querySelector(selector)?.value ?? '';
    return {
      item: section.dataset.item,
      leads: section.dataset.leads.split(' '),
      choice: section.querySelector('input[type=radio]:checked')?.value ?? '',
      winner: value('select[data-winner]'),
      people: [...section.querySelectorAll('select[data-person]')].map((select) => select.value),
      reason: value('input[data-reason]'),
    };
  };
  let saved = true;
  const show = () => {
    const done = sections.map(read).filter(({ choice }) => choice !== '').length;
    document.getElementById('done').textContent = done + ' of ' + sections.length + ' decided';
    document.getElementById('save').disabled = done === 0;
  };
  document.addEventListener('change', (event) => {
    const select = event.target;
    if (select.matches('select[data-person]')) {
      const some = select.closest('section').querySelector('input[value=some]');
      if (some) some.checked = true;
    }
    saved = false;
    show();
  });
  document.getElementById('save').addEventListener('click', () => {
    const author = document.getElementById('author').value.trim();
    const text = decisionCsv(sections.map(read), author);
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
    link.download = document.getElementById('top').dataset.file;
    link.click();
    URL.revokeObjectURL(link.href);
    saved = true;
  });
  window.addEventListener('beforeunload', (event) => { if (!saved) event.preventDefault(); });
  show();
}
`
