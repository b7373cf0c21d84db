// Makes complete pages quicker. Every page works without this file; nothing here knows a template.

const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const on = (type, selector, act) =>
  document.addEventListener(type, (event) => {
    const target = event.target instanceof Element ? event.target.closest(selector) : null;
    if (target) act(target, event);
  });

// Errors first.
document.getElementById('problems')?.focus();

// Menus close on Escape and on a click elsewhere.
document.addEventListener('click', (event) => {
  for (const menu of all('details.menu[open], details.drawer[open]')) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  for (const menu of all('details.menu[open], details.drawer[open]')) {
    menu.open = false;
    menu.querySelector('summary')?.focus();
  }
});

// Print buttons do nothing without script, so only script shows them.
for (const button of all('[data-print]')) button.hidden = false;
on('click', '[data-print]', () => window.print());

// Filters apply at once.
on('change', '[data-autosubmit] select', (select) => select.form.requestSubmit());

// Numbers are exact: digits as BigInt, never a float.
const narrow = (text) =>
  text.replace(/[\uff01-\uff5e]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0)).replace(/\u2212/g, '-');
function units(text, scale) {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(narrow(text.trim()).replace(/,/g, ''));
  if (!match || !(match[2] || match[3])) return null;
  const fraction = (match[3] ?? '').padEnd(scale, '0').slice(0, scale);
  const number = BigInt((match[2] || '0') + fraction);
  return match[1] === '-' ? -number : number;
}
function spell(number, scale) {
  const digits = (number < 0n ? -number : number).toString().padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale).replace(/\B(?=(\d{3})+$)/g, ',');
  return (number < 0n ? '\u2212' : '') + whole + (scale ? '.' + digits.slice(-scale) : '');
}
const SCALE = 6;
function total(table) {
  for (const output of all('[data-total]', table)) {
    const suffix = '.' + output.dataset.total;
    let sum = 0n;
    let scale = 0;
    let typed = false;
    for (const row of all('tbody tr', table)) {
      const input = all('input[data-scale]', row).find((input) => input.name.endsWith(suffix));
      if (!input) continue;
      typed = true;
      scale = Math.max(scale, Number(input.dataset.scale));
      if (!row.querySelector('.remove input:checked')) sum += units(input.value, SCALE) ?? 0n;
    }
    // Sums of computed columns are the server's.
    if (typed) output.textContent = spell(sum / 10n ** BigInt(SCALE - scale), scale);
  }
}
on('input', 'table[data-lines] input', (input) => total(input.closest('table')));
on('change', '.remove input', (input) => {
  const row = input.closest('tr');
  const stored = row.querySelector('input[name$="._id"]')?.value;
  const table = row.closest('table');
  if (!stored) row.remove();
  total(table);
});

// A blank row more, without a round trip.
on('click', '[data-add]', (button, event) => {
  const pattern = all('template[data-row]').find((one) => one.dataset.row === button.dataset.add);
  const body = all('table[data-lines]').find((one) => one.dataset.lines === button.dataset.add)?.tBodies[0];
  if (!pattern || !body) return;
  event.preventDefault();
  const numbers = all('[name^="c."]', body).map((control) => Number(control.name.split('.')[2]));
  const next = Math.max(-1, ...numbers.filter(Number.isFinite)) + 1;
  const holder = document.createElement('template');
  holder.innerHTML = pattern.innerHTML.replaceAll('__n__', String(next));
  const row = holder.content.querySelector('tr');
  body.append(row);
  pads();
  row.querySelector('input:not([type=hidden]), select')?.focus();
});

// Enter in a line goes to the next cell, not to "save".
on('keydown', 'table[data-lines] input', (input, event) => {
  if (event.key !== 'Enter' || event.isComposing) return;
  event.preventDefault();
  const cells = all('input:not([type=hidden]), select', input.closest('table'));
  const next = cells[cells.indexOf(input) + 1];
  if (next) next.focus();
  else all('[data-add]').find((button) => button.dataset.add === input.closest('table').dataset.lines)?.click();
});

// Records by typing: names from the API into the datalist, the chosen id into its hidden field.
const waiting = new WeakMap();
const asked = new WeakMap();
async function look(input) {
  const field = input.dataset.labelField;
  const words = input.value.replace(/[*%,()"\\]/g, ' ').trim();
  const query = new URLSearchParams({ select: field === 'id' ? 'id' : `id,${field}`, limit: '20' });
  if (words && field !== 'id') query.set(field, `ilike.*${words}*`);
  asked.get(input)?.abort();
  const control = new AbortController();
  asked.set(input, control);
  try {
    const answer = await fetch(`${input.dataset.lookup}?${query}`, { signal: control.signal, headers: { accept: 'application/json' } });
    if (!answer.ok) return;
    const options = (await answer.json()).map((record) => {
      const option = document.createElement('option');
      option.value = record[field];
      option.dataset.id = record.id;
      return option;
    });
    input.list.replaceChildren(...options);
    choose(input);
  } catch {
    // Offline or overtaken: the typed name still goes to the server.
  }
}
function choose(input) {
  const option = all('option', input.list).find((one) => one.value === input.value);
  if (!option) return;
  const form = input.form.elements;
  form[`${input.name}._id`].value = option.dataset.id;
  form[`${input.name}._was`].value = input.value;
}
on('input', '[data-lookup]', (input) => {
  choose(input);
  clearTimeout(waiting.get(input));
  waiting.set(input, setTimeout(look, 200, input));
});
on('focusin', '[data-lookup]', (input) => {
  if (!input.list.options.length) look(input);
});

// The place of the device, once, when asked.
for (const input of all('[data-position]')) {
  if (!navigator.geolocation) break;
  const button = document.createElement('button');
  Object.assign(button, { type: 'button', className: 'button small position', textContent: input.dataset.position });
  button.addEventListener('click', () => {
    button.disabled = true;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        input.value = `${coords.latitude.toFixed(6)}, ${coords.longitude.toFixed(6)}`;
        input.dispatchEvent(new Event('input', { bubbles: true }));
        button.disabled = false;
      },
      () => { button.disabled = false; },
      { enableHighAccuracy: true, timeout: 8000 },
    );
  });
  input.after(button);
}

// A chosen picture is shown before it is sent.
on('change', 'input[data-preview]', (input) => {
  const box = input.closest('[data-file]');
  box.querySelector('.preview')?.remove();
  const [file] = input.files;
  if (!file?.type.startsWith('image/')) return;
  const reader = new FileReader();
  reader.addEventListener('load', () => {
    const image = document.createElement('img');
    Object.assign(image, { className: 'preview', alt: '', src: reader.result });
    input.after(image);
  });
  reader.readAsDataURL(file);
});

// A signature: what is drawn becomes the file that is sent.
function pad(input) {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { className: 'drawing', width: 900, height: 300 });
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', input.dataset.draw);
  const pen = canvas.getContext('2d');
  const clear = () => {
    pen.fillStyle = '#fff';
    pen.fillRect(0, 0, canvas.width, canvas.height);
    Object.assign(pen, { lineWidth: 4, lineCap: 'round', lineJoin: 'round', strokeStyle: '#102040' });
  };
  clear();
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) * canvas.width) / box.width, ((event.clientY - box.top) * canvas.height) / box.height];
  };
  const keep = () => {
    const bytes = Uint8Array.from(atob(canvas.toDataURL('image/png').split(',')[1]), (c) => c.charCodeAt(0));
    const files = new DataTransfer();
    files.items.add(new File([bytes], 'signature.png', { type: 'image/png' }));
    input.files = files.files;
    input.dispatchEvent(new Event('input', { bubbles: true }));
  };
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    pen.beginPath();
    pen.moveTo(...at(event));
    event.preventDefault();
  });
  canvas.addEventListener('pointermove', (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    pen.lineTo(...at(event));
    pen.stroke();
  });
  canvas.addEventListener('pointerup', keep);
  const button = document.createElement('button');
  Object.assign(button, { type: 'button', className: 'button small', textContent: input.dataset.clear });
  button.addEventListener('click', () => {
    clear();
    input.value = '';
  });
  input.before(canvas, button);
  input.removeAttribute('data-draw');
}
const pads = () => all('input[data-draw]').forEach(pad);
pads();

// Fields that depend on others: the server draws the form again. What was typed since it was asked makes the answer
// stale: it is dropped, and asked for again once the typing pauses.
for (const button of all('[data-refresh]')) button.hidden = true;
const redraw = new WeakMap();
function soon(form, delay) {
  clearTimeout(redraw.get(form));
  redraw.set(form, setTimeout(refresh, delay, form));
}
const content = (form) =>
  new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === 'string')).toString();
async function refresh(form) {
  const was = content(form);
  const body = new URLSearchParams(was);
  body.set('_action', 'refresh');
  try {
    const answer = await fetch(form.action, { method: 'POST', body, redirect: 'manual' });
    if (!answer.headers.get('content-type')?.startsWith('text/html')) return;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const fresh = page.querySelector('form[data-conditional]');
    if (!fresh) return;
    if (content(form) !== was) {
      soon(form, 400);
      return;
    }
    const focused = document.activeElement;
    const caret = [focused?.selectionStart, focused?.selectionEnd];
    // What was chosen or drawn is not sent for this: it stays where it is.
    for (const box of all('[data-file]', form)) {
      if (!box.querySelector('input[type=file]').files.length) continue;
      all('[data-file]', fresh).find((one) => one.dataset.file === box.dataset.file)?.replaceWith(box);
    }
    form.replaceChildren(...fresh.childNodes);
    pads();
    for (const button of all('[data-refresh]')) button.hidden = true;
    const again = focused?.id ? document.getElementById(focused.id) : null;
    again?.focus();
    if (caret[0] != null && again?.setSelectionRange) again.setSelectionRange(...caret);
  } catch {
    // The next save answers the same question.
  }
}
on('change', 'form[data-conditional] :is(select, input[type=radio], input[type=checkbox], input[type=date])', (control) => {
  if (!control.closest('table')) soon(control.form, 0);
});

// Nothing typed is lost by a stray click.
let dirty = false;
on('input', 'form[data-guard]', () => { dirty = true; });
on('submit', 'form', (form) => {
  dirty = false;
  // A double click is one save.
  setTimeout(() => all('button', form).forEach((button) => { button.disabled = true; }), 0);
  setTimeout(() => all('button', form).forEach((button) => { button.disabled = false; }), 4000);
});
window.addEventListener('beforeunload', (event) => {
  if (dirty) event.preventDefault();
});
