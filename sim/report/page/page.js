/** What the page does where scripts run: sorts and filters the table, and draws figures that answer to the same filters. */

(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const table = document.getElementById('results');
  const rows = [...table.tBodies[0].rows];
  const boxes = [...document.querySelectorAll('input[type=checkbox][data-column]')];
  const words = document.getElementById('words');
  const count = document.getElementById('count');
  for (const each of document.querySelectorAll('.controls, .tool')) each.hidden = false;

  const off = () => {
    const unchecked = {};
    for (const { checked, dataset, value } of boxes) {
      unchecked[dataset.column] ??= new Set();
      if (!checked) unchecked[dataset.column].add(value);
    }
    return unchecked;
  };
  const isShown = (of, unchecked) =>
    Object.entries(unchecked).every(([column, values]) => !values.has(of[column]));

  const figures = data.figures.map((figure) => {
    const place = document.getElementById(`drawing-${figure.name}`);
    const view = new vega.View(vega.parse(figure.spec), { renderer: 'svg', hover: true });
    const drawn = document.createElement('div');
    return { ...figure, place, view, drawn, zoom: 1 };
  });
  // The drawing that came with the page stays until the one that answers is there.
  const ready = Promise.all(
    figures.map(async ({ view, drawn, place }) => {
      view.initialize(drawn);
      await view.runAsync();
      place.replaceChildren(drawn);
    }),
  ).then(() => document.documentElement.setAttribute('data-drawn', String(figures.length)));
  ready.catch((error) => document.documentElement.setAttribute('data-fault', String(error)));

  const filter = () => {
    const unchecked = off();
    const sought = words.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !(
        isShown(row.dataset, unchecked) && sought.every((word) => text.includes(word))
      );
      if (!row.hidden) shown++;
    }
    count.textContent = `${shown} of ${rows.length} rows`;
    for (const { view, rows: own, data: name } of figures) {
      view.data(
        name,
        own.filter((row) =>
          isShown({ ...row, function: row.workload, system: row.system_of }, unchecked),
        ),
      );
      view.runAsync();
    }
  };
  for (const box of boxes) box.addEventListener('change', filter);
  words.addEventListener('input', filter);

  const shownValue = (row, at) => {
    const text = row.cells[at].textContent;
    return text === '' ? undefined : Number.isNaN(Number(text)) ? text : Number(text);
  };
  for (const [at, head] of [...table.tHead.rows[0].cells].entries()) {
    head.querySelector('button')?.addEventListener('click', () => {
      const descending = head.getAttribute('aria-sort') === 'ascending';
      for (const other of table.tHead.rows[0].cells) other.removeAttribute('aria-sort');
      head.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
      const sorted = rows
        .map((row) => ({ row, value: shownValue(row, at) }))
        .sort((a, b) => {
          // What has no such number comes last, whichever way.
          if (a.value === undefined || b.value === undefined) {
            return Number(a.value === undefined) - Number(b.value === undefined);
          }
          const order = a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
          return descending ? -order : order;
        });
      table.tBodies[0].append(...sorted.map(({ row }) => row));
    });
  }

  for (const figure of figures) {
    for (const button of document.querySelectorAll(`button[data-figure="${figure.name}"]`)) {
      button.addEventListener('click', async () => {
        const { by } = button.dataset;
        if (by === 'save') {
          const url = URL.createObjectURL(
            new Blob([await figure.view.toSVG()], { type: 'image/svg+xml' }),
          );
          Object.assign(document.createElement('a'), {
            href: url,
            download: `${figure.name}.svg`,
          }).click();
          return;
        }
        figure.zoom = by === '1' ? 1 : Math.min(8, Math.max(0.25, figure.zoom * Number(by)));
        const svg = figure.drawn.querySelector('svg');
        svg.style.width = `${figure.zoom * svg.viewBox.baseVal.width}px`;
        svg.style.height = 'auto';
      });
    }
  }
})();
