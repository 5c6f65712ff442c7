// Where a quote or hit stands, as a link that opens its document there.

import { el, named } from './draw.js'
import { drawer } from './reader.js'

export function link(place, ...text) {
  const { document, source, start, end } = place
  const query = new URLSearchParams({ document, source, start, end })
  return el('a', { href: `#/document?${query}`, onclick: (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    drawer(place)
  } }, ...text)
}

// The document's name, the headings above the place, and the page.
export function where(place) {
  const path = place.headings ?? []
  return link(place,
    el('span', { class: 'doc', dir: 'auto' }, named(place)),
    path.length ? el('span', { class: 'path', dir: 'auto' }, path.join(' › ')) : null,
    place.page ? el('span', { class: 'page' }, `page ${place.page}`) : null)
}

export function hit(one, ...more) {
  return el('li', { class: 'hit' }, where(one), el('p', { class: 'text', dir: 'auto' }, one.text), ...more)
}
