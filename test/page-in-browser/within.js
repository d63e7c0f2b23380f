/** Runs in the page: waits for its figures, uses its controls, lets axe look at it, and leaves what it found as text. */

(async () => {
  const faults = [];
  const expect = (is_so, what) => is_so || faults.push(what);
  const root = document.documentElement;
  addEventListener('error', ({ message }) => faults.push(`an error: ${message}`));
  for (let times = 0; times < 200 && !root.dataset.drawn && !root.dataset.fault; times++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(!root.dataset.fault, `a figure cannot be drawn: ${root.dataset.fault}`);
  const drawings = [...document.querySelectorAll('.drawing')];
  expect(drawings.length > 0, 'there is no figure');
  const marks = () => document.querySelectorAll('.drawing [aria-roledescription]').length;
  expect(
    drawings.every((each) => each.querySelector('div svg')),
    'a figure is not interactive',
  );

  const rows = () => [...document.querySelectorAll('#results tbody tr')];
  const heads = [...document.querySelectorAll('#results thead th')];
  const at = heads.findIndex(({ textContent }) => textContent.startsWith('end to end'));
  const column = () => rows().map((row) => Number(row.cells[at].textContent));
  heads[at].querySelector('button').click();
  const rising = column();
  expect(heads[at].getAttribute('aria-sort') === 'ascending', 'a sorted column does not say so');
  expect(
    rising.every((value, i) => i === 0 || rising[i - 1] <= value),
    'rows are not sorted',
  );
  heads[at].querySelector('button').click();
  expect(column().join() === [...rising].reverse().join(), 'rows are not sorted the other way');

  const all = marks();
  const colours = () =>
    [...document.querySelectorAll('.drawing .mark-symbol path[fill]')].map((each) =>
      each.getAttribute('fill'),
    );
  const before = new Set(colours());
  const [box] = document.querySelectorAll('input[data-column=system]');
  box.click();
  await new Promise((resolve) => setTimeout(resolve, 300));
  const shown = rows().filter((row) => !row.hidden);
  expect(
    shown.length < rows().length && shown.every((row) => row.dataset.system !== box.value),
    'a system that is off is in the table',
  );
  expect(marks() < all, `a system that is off is in the figures: ${marks()} of ${all} marks`);
  expect(
    colours().every((colour) => before.has(colour)),
    'colours change when a system is off',
  );
  expect(
    document.getElementById('count').textContent.startsWith(`${shown.length} of `),
    'the number of rows is not told',
  );
  box.click();

  const svg = () => document.querySelector('.drawing svg').getBoundingClientRect().width;
  const narrow = svg();
  document.querySelector('button[data-by="1.4"]').click();
  expect(svg() > 1.3 * narrow, 'a figure is not enlarged');

  const { violations } = await axe.run(document, { resultTypes: ['violations'] });
  for (const { id, help, nodes } of violations)
    faults.push(`axe ${id}: ${help}: ${nodes[0].html.slice(0, 120)}`);
  root.setAttribute(
    'data-found',
    JSON.stringify({ faults, figures: drawings.length, rows: rows().length }),
  );
})().catch((error) => {
  const found = { faults: [`not to the end: ${error.message}`], figures: 0, rows: 0 };
  document.documentElement.setAttribute('data-found', JSON.stringify(found));
});
