// The one place that makes elements: text is only ever text, and a link leads nowhere but to this server.

const OURS = /^(#|\/(?!\/))/

function made(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue
    if (name.startsWith('on')) {
      if (typeof value !== 'function') throw new TypeError(`${name} is no function`)
      element.addEventListener(name.slice(2), value)
    } else if ((name === 'href' || name === 'src') && !OURS.test(value)) throw new TypeError(`${name} leads away`)
    else element.setAttribute(name, value === true ? '' : value)
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false))
  return element
}

export const el = (tag, attributes = {}, ...children) => made(document.createElement(tag), attributes, children)

export const svg = (tag, attributes = {}, ...children) =>
  made(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children)

export const button = (text, onclick, kind = '') => el('button', { type: 'button', class: kind, onclick }, text)

export const heading = (text, ...about) => [
  el('h1', { tabindex: '-1' }, text), about.length ? el('p', { class: 'lead' }, ...about) : null,
]

// A field with its label; `about` stands below it and is read with it.
let fields = 0
export function field(label, input, about = '') {
  const id = `field-${++fields}`
  input.id = id
  if (about) input.setAttribute('aria-describedby', `${id}-about`)
  return el('div', { class: 'field' },
    el('label', { for: id }, label), input, about ? el('small', { id: `${id}-about` }, about) : null)
}

export function select(options, chosen = '') {
  const list = el('select', {}, options.map(([value, text]) => el('option', { value }, text)))
  if (options.some(([value]) => value === chosen)) list.value = chosen
  return list
}

// A share from 0 to 1 as a bar; what it says stands beside it as text.
export function bar(share, kind = '') {
  const filled = el('i')
  filled.style.width = `${Math.max(0, Math.min(1, share)) * 100}%`
  return el('span', { class: `bar ${kind}`, 'aria-hidden': 'true' }, filled)
}

export function progress(label) {
  const line = el('progress', { max: '1', 'aria-label': label })
  return line
}

export const percent = (share) => `${Math.round(share * 100)} %`
export const count = (number, one, many = `${one}s`) => `${number.toLocaleString('en')} ${number === 1 ? one : many}`
export const name = (path) => path.slice(path.lastIndexOf('/') + 1)

// A document as a person knows it: a row of a file by the file's name and its own, any other by its path.
export function named({ document, source }) {
  const file = name(source)
  return file && !`/${document}`.endsWith(`/${file}`) ? `${file}:${document}` : document
}

// What means this document alone, whatever others are called.
export function exact(one) {
  return !one.source ? one.document : named(one) === one.document ? one.source : `${one.source}:${one.document}`
}

export function clock(seconds) {
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  const rest = String(whole % 60).padStart(2, '0')
  return whole < 3600 ? `${Math.floor(whole / 60)}:${rest} min` : `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}

// For those who listen: said once, shown nowhere.
export function say(text) {
  document.getElementById('said').textContent = text
}

// An error as every view shows it: what was wrong, and the next step.
export function trouble(error) {
  if (error.name === 'AbortError') return el('span', { hidden: true })
  const hint = error.hint && (error.hint.includes('\n') ? el('pre', {}, error.hint) : el('p', {}, el('b', {}, 'Next: '), error.hint))
  return el('div', { class: 'notice bad', role: 'alert' }, el('p', {}, error.message), hint || null)
}

export const empty = (title, ...rest) => el('div', { class: 'empty' }, el('h2', {}, title), ...rest)

// A question with yes and no, in a dialog of the browser's own: it holds the focus, and Escape says no.
export function sure(title, text, verb) {
  return new Promise((resolve) => {
    const dialog = el('dialog', { class: 'ask', 'aria-label': title, onclose: () => {
      dialog.remove()
      resolve(dialog.returnValue === 'yes')
    } },
    el('h2', {}, title), el('p', {}, text),
    el('div', { class: 'row end' },
      button('Cancel', () => dialog.close('no')), button(verb, () => dialog.close('yes'), 'main danger')))
    document.body.append(dialog)
    dialog.showModal()
  })
}
