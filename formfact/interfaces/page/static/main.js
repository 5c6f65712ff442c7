// Which view is shown: the address behind # says it, so that views can be linked and the browser's Back works.

import * as ask from './ask.js'
import * as dialogues from './dialogues.js'
import * as documents from './documents.js'
import * as patterns from './patterns.js'
import * as reader from './reader.js'
import * as search from './search.js'
import * as training from './training.js'
import { el, trouble } from './draw.js'
import { base, call } from './wire.js'

const VIEWS = {
  ask: ask.view, dialogues: dialogues.view, dialogue: dialogues.one, search: search.view, documents: documents.view,
  document: reader.view, patterns: patterns.view, pattern: patterns.one, training: training.view,
}
const UNDER = { dialogue: 'dialogues', document: 'documents', pattern: 'patterns' }
const view = document.getElementById('view')
let leave = new AbortController()

async function show(first = false) {
  const [path, query = ''] = location.hash.replace(/^#\/?/, '').split('?')
  const name = Object.hasOwn(VIEWS, path) ? path : 'ask'
  leave.abort()
  leave = new AbortController()
  const { signal } = leave
  for (const link of document.querySelectorAll('nav a'))
    if (link.hash === `#/${UNDER[name] ?? name}`) link.setAttribute('aria-current', 'page')
    else link.removeAttribute('aria-current')
  view.className = name
  const place = el('div', { class: 'place' })
  view.replaceChildren(place)
  try {
    await VIEWS[name](place, Object.fromEntries(new URLSearchParams(query)), signal)
  } catch (error) {
    if (signal.aborted) return
    place.append(trouble(error))
  }
  if (signal.aborted) return
  const title = place.querySelector('h1')
  document.title = title ? `${title.textContent} · formfact` : 'formfact'
  if (!first && !place.contains(document.activeElement)) (title ?? view).focus({ preventScroll: true })
  if (!first) scrollTo(0, 0)
}

document.querySelector('.skip').addEventListener('click', (event) => {
  event.preventDefault()
  view.focus()
})

document.getElementById('theme').addEventListener('click', () => {
  const root = document.documentElement
  const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches
  root.dataset.theme = dark ? 'light' : 'dark'
  localStorage.setItem('theme', root.dataset.theme)
})

async function bases() {
  const { bases: names, default: first } = await call('GET', '/bases')
  if (names.length && !names.includes(base.get())) base.set(names.includes(first) ? first : names[0])
  const list = document.getElementById('base')
  list.replaceChildren(...names.map((name) => el('option', { value: name }, name)))
  list.value = base.get()
  list.closest('label').hidden = names.length < 2
  list.addEventListener('change', () => {
    base.set(list.value)
    ask.forget()
    show()
  })
}

// '/' goes to what can be typed into first, as elsewhere on the web.
addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.target.closest('input, textarea, select, dialog')) return
  const input = view.querySelector('input:not([type=checkbox], [type=file]), textarea')
  if (input) {
    event.preventDefault()
    input.focus()
  }
})
addEventListener('hashchange', () => show())
await bases().catch(() => {})  // a server that cannot be asked says so in the view
show(true)
