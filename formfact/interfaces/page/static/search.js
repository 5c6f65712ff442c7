// Search: the passages nearest to a question, with filters, and why each stands where it does.

import { bar, count, el, empty, field, heading, say, select, trouble } from './draw.js'
import { hit, where } from './places.js'
import { call } from './wire.js'

export async function view(place, asked, signal) {
  const { question = '', paths = '', metadata = '', k = '10', explain = '' } = asked
  const input = el('input', { type: 'search', value: question, 'aria-label': 'Search for', placeholder: 'Search for', dir: 'auto', required: true, autocomplete: 'off' })
  const inputs = {
    paths: el('input', { value: paths, placeholder: 'policies/*, *.pdf', spellcheck: 'false', autocomplete: 'off' }),
    metadata: el('input', { value: metadata, placeholder: 'year=1890, author=Ada', spellcheck: 'false', autocomplete: 'off' }),
    k: select([['5', '5'], ['10', '10'], ['20', '20'], ['50', '50']], k),
  }
  const why = el('input', { type: 'checkbox', checked: explain === '1' })
  const form = el('form', { role: 'search', onsubmit: (event) => {
    event.preventDefault()
    go()
  } },
  el('div', { class: 'box' }, input, el('button', { class: 'main' }, 'Search')),
  el('details', { class: 'options', open: Boolean(paths || metadata) }, el('summary', {}, 'Filters'),
    el('div', { class: 'columns' },
      field('Paths', inputs.paths, 'Globs with commas between them; one has to match.'),
      field('Metadata', inputs.metadata, 'All of it has to be so.'),
      field('Passages', inputs.k))),
  el('label', { class: 'check' }, why, 'Explain the ranks'))
  const results = el('div', { class: 'results', 'aria-live': 'polite' })
  place.append(heading('Search')[0], form, results)

  function go() {
    const wanted = { question: input.value.trim(), ...Object.fromEntries(Object.entries(inputs).map(([name, one]) => [name, one.value.trim()])), explain: why.checked ? '1' : '' }
    const query = new URLSearchParams(Object.entries(wanted).filter(([, value]) => value))
    const target = `#/search?${query}`
    if (location.hash !== target) history.pushState(null, '', target)
    return look(wanted)
  }
  why.addEventListener('change', () => input.value.trim() && go())
  inputs.k.addEventListener('change', () => input.value.trim() && go())

  async function look(wanted) {
    const body = {
      question: wanted.question, k: Number(wanted.k), explain: Boolean(wanted.explain),
      paths: listed(wanted.paths), metadata: pairs(wanted.metadata),
    }
    results.setAttribute('aria-busy', 'true')
    try {
      show(results, await call('POST', '/search', { body, signal }), body)
    } catch (error) {
      results.replaceChildren(trouble(error))
    } finally {
      results.removeAttribute('aria-busy')
    }
  }
  if (question) await look({ question, paths, metadata, k, explain })
  else {
    input.focus({ preventScroll: true })
    results.append(empty('Passages, the nearest first', el('p', {}, 'Found by meaning and by words at once. “Explain the ranks” shows what each of the two said.')))
  }
}

const listed = (text) => text.split(',').map((one) => one.trim()).filter(Boolean)

// name=value pairs; a value that reads as a number or truth is one.
function pairs(text) {
  const plain = (value) => (/^(-?\d+(\.\d+)?|true|false)$/.test(value) ? JSON.parse(value) : value)
  return Object.fromEntries(listed(text).map((one) => {
    const at = one.indexOf('=')
    return at < 0 ? [one, true] : [one.slice(0, at).trim(), plain(one.slice(at + 1).trim())]
  }))
}

function show(results, found, asked) {
  const { hits } = found
  if (!hits.length) {
    const filtered = asked.paths.length || Object.keys(asked.metadata).length
    results.replaceChildren(empty('Nothing found', el('p', {}, filtered ? 'No document passes the filters: leave one out.' : 'There may be no documents yet: ', filtered ? null : el('a', { href: '#/documents' }, 'add some'))))
    say('Nothing found')
    return
  }
  const most = Math.max(...hits.map((one) => one.scores?.bm25 ?? 0)) || 1
  results.replaceChildren(
    el('p', { class: 'quiet' }, `${count(hits.length, 'passage')} in ${found.milliseconds.toFixed(1)} ms`),
    el('ol', { class: 'hits' }, hits.map((one) => hit(one, asked.explain ? scores(one.scores, most) : null, tags(one.metadata)))),
    asked.explain ? missing(asked) : null)
}

function tags(metadata) {
  const known = Object.entries(metadata)
  return known.length ? el('p', { class: 'tags' }, known.slice(0, 8).map(([key, value]) => el('span', { dir: 'auto' }, `${key}: ${String(value).slice(0, 60)}`))) : null
}

const ranked = (rank) => (rank ? `rank ${rank}` : 'not in its list')

function scores(one, most) {
  const line = (name, share, figure, rank, kind) => [el('dt', {}, name), el('dd', {}, bar(share, kind), el('span', {}, figure), el('span', { class: 'quiet' }, rank))]
  return el('dl', { class: 'scores' },
    line('Meaning', one.dense, `cosine ${one.dense.toFixed(3)}`, ranked(one.dense_rank), 'dense'),
    line('Words', one.bm25 / most, `BM25 ${one.bm25.toFixed(2)}`, ranked(one.bm25_rank), 'words'),
    line('Both', one.fused, `fused ${one.fused.toFixed(3)}`, '', 'both'))
}

// Why a document is not among the hits.
function missing(asked) {
  const input = el('input', { placeholder: 'a document’s id', spellcheck: 'false', autocomplete: 'off', required: true })
  const said = el('div', { 'aria-live': 'polite' })
  return el('form', { class: 'card', onsubmit: async (event) => {
    event.preventDefault()
    try {
      const lost = await call('POST', '/explain', { body: { question: asked.question, document: input.value.trim(), k: asked.k } })
      said.replaceChildren(el('p', {}, lost.why), el('ul', { class: 'hits' }, el('li', { class: 'hit' }, where(lost.best), el('p', { class: 'text', dir: 'auto' }, lost.best.text), scores(lost.best.scores, lost.best.scores.bm25 || 1))))
    } catch (error) {
      said.replaceChildren(trouble(error))
    }
  } }, el('h2', {}, 'Do you miss a document?'), el('div', { class: 'columns' }, field('Document', input)), el('button', {}, 'Say why it is not here'), said)
}
