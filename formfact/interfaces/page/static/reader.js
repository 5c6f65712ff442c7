// A document, drawn from its blocks as text, open at a span that is marked; long ones in parts.

import { button, count, el, heading, name, named, trouble } from './draw.js'
import { address, blob, call, hasToken } from './wire.js'

const BEFORE = 6000
const PART = 24000

// Offsets count characters, as Python does; a string of the browser's counts halves of some.
function characters(text) {
  if (!/[\ud800-\udfff]/.test(text)) return { length: text.length, cut: (start, end) => text.slice(start, end) }
  const all = Array.from(text)
  return { length: all.length, cut: (start, end) => all.slice(start, end).join('') }
}

// The whole view.
export async function view(place, { document: id = '', source = '', start, end }) {
  place.append(el('p', { class: 'back' }, el('a', { href: '#/documents' }, '‹ Documents')))
  await open(place, { document: id, source, start: Number(start) || 0, end: Number(end) || 0 })
}

// The same beside what is being read. It is a step of the browser's history, so that Back closes it and leaves no view.
export async function drawer(place) {
  const body = el('div', { class: 'place' })
  const dialog = el('dialog', { class: 'drawer', 'aria-label': `Document ${named(place)}`, onclose: () => {
    dialog.remove()
    removeEventListener('popstate', back)
    if (history.state?.drawer) history.back()
  } },
    el('div', { class: 'row end' }, button('Close', () => dialog.close())), body)
  dialog.addEventListener('click', (event) => event.target === dialog && dialog.close())
  const back = () => dialog.close()
  document.body.append(dialog)
  dialog.showModal()
  history.pushState({ drawer: true }, '')
  addEventListener('popstate', back)
  try {
    await open(body, place)
  } catch (error) {
    body.append(trouble(error))
  }
}

async function open(place, { document: id, source, start, end }) {
  const read = (from, to) => call('GET', '/document', { query: { document: id, source, start: from, end: to } })
  const first = await read(Math.max(0, start - BEFORE), Math.max(end, start) + PART)
  const [title] = heading(first.title || named(first))
  title.dir = 'auto'
  const text = el('div', { class: 'paper' })
  place.append(title, facts(first), text)
  const span = end > start ? [start, end] : null
  let [from, to] = [first.start, first.end]
  const failed = (error) => text.append(trouble(error))
  const earlier = button('Show what is before', async () => {
    try {
      const part = await read(Math.max(0, from - PART), from)
      earlier.after(drawn(part, span))
      from = part.start
      earlier.hidden = from === 0
    } catch (error) { failed(error) }
  }, 'more')
  const later = button('Show what follows', async () => {
    try {
      const part = await read(to, to + PART)
      later.before(drawn(part, span))
      to = part.end
      later.hidden = to >= first.length
    } catch (error) { failed(error) }
  }, 'more')
  earlier.hidden = from === 0
  later.hidden = to >= first.length
  text.append(earlier, drawn(first, span), later)
  const mark = text.querySelector('mark')
  if (!mark) return
  mark.tabIndex = -1
  mark.focus({ preventScroll: true })
  mark.scrollIntoView({ block: 'center' })
}

function facts(found) {
  const about = [found.format, count(found.length, 'character')]
  if (found.pages.length) about.push(count(found.pages.length, 'page'))
  about.push(...Object.entries(found.metadata).map(([key, value]) => `${key}: ${value}`))
  const query = { document: found.document, source: found.source }
  const file = hasToken()
    ? button('Original file', async () => {
      try {
        const address = URL.createObjectURL(await blob('/document/file', query))
        const link = el('a', { download: name(found.source) })
        link.href = address
        link.click()
        setTimeout(() => URL.revokeObjectURL(address), 60000)
      } catch (error) { line.after(trouble(error)) }
    }, 'link')
    : el('a', { href: address('/document/file', query), target: '_blank', rel: 'noopener' }, 'Original file')
  const line = el('p', { class: 'facts' }, el('span', { dir: 'auto' }, named(found)), about.map((one) => el('span', { dir: 'auto' }, one)), file)
  return line
}

// A part of the text. `span` is the place to be marked, in characters of the whole.
function drawn(part, span) {
  const text = characters(part.text)
  const marked = span && [span[0] - part.start, span[1] - part.start]
  const blocks = part.blocks.map((one) => ({
    ...one, start: Math.max(0, one.start - part.start), end: Math.min(text.length, one.end - part.start),
  }))
  const pages = part.pages.map((start, at) => ({ page: at + 1, start: start - part.start })).filter((one) => one.start >= 0 && one.start < text.length)
  const out = el('div', { class: 'part' })
  let table = null
  let list = null
  for (const block of whole(blocks, text)) {
    while (pages.length && pages[0].start <= block.start) {
      out.append(el('p', { class: 'pagebreak', role: 'separator', 'aria-label': `page ${pages[0].page}` }, el('span', {}, `page ${pages.shift().page}`)))
      table = list = null
    }
    const pieces = (start, end) => piece(text, start, end, marked)
    if (block.kind !== 'row') table = null
    if (block.kind !== 'item') list = null
    if (block.kind === 'row') {
      if (!table) out.append(el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Table' }, table = el('table', { class: 'rows' })))
      table.append(row(text, block, pieces))
    } else if (block.kind === 'item') {
      if (!list) out.append(list = el('ul', { class: 'items' }))
      list.append(el('li', { dir: 'auto' }, pieces(block.start, block.end)))
    } else if (block.kind === 'heading') {
      out.append(el(`h${Math.min(6, block.level + 1)}`, { dir: 'auto' }, titled(text, block, pieces)))
    } else out.append(el(block.kind === 'code' ? 'pre' : 'p', { dir: 'auto' }, pieces(block.start, block.end)))
  }
  return out
}

// Blocks, and what of the text stands in none of them as paragraphs: nothing of a document is left out.
function whole(blocks, text) {
  const found = []
  let at = 0
  const between = (end) => {
    if (/[^\s|:\-]/.test(text.cut(at, end))) found.push({ kind: 'paragraph', start: at, end })
  }
  for (const block of blocks) {
    if (block.start > at) between(block.start)
    if (block.end > block.start) found.push(block)
    at = Math.max(at, block.end)
  }
  between(text.length)
  return found
}

// The signs of Markdown before a heading are there, and quiet.
function titled(text, block, pieces) {
  const signs = /^#+\s+/.exec(text.cut(block.start, block.end))?.[0].length ?? 0
  return [signs ? el('span', { class: 'signs' }, pieces(block.start, block.start + signs)) : null, pieces(block.start + signs, block.end)]
}

// A row's cells stand between bars.
function row(text, block, pieces) {
  const cells = []
  let at = block.start
  for (const cell of text.cut(block.start, block.end).split('|')) {
    const length = characters(cell).length
    if (cell.trim()) cells.push(el('td', { dir: 'auto' }, pieces(at, at + length)))
    at += length + 1
  }
  return el('tr', {}, cells)
}

function piece(text, start, end, marked) {
  if (!marked || marked[0] >= end || marked[1] <= start) return [text.cut(start, end)]
  const [from, to] = [Math.max(start, marked[0]), Math.min(end, marked[1])]
  return [text.cut(start, from), el('mark', {}, text.cut(from, to)), text.cut(to, end)]
}
