// Training rows with what in them cannot come from their prompts marked: the facts that they would teach.

import { el, percent } from './draw.js'

const SHOWN = 100
const WORDS = { knowledge: 'teaches facts', mixed: 'perhaps facts', structure: 'teaches form' }

export function marked(found) {
  const verdicts = new Map(found.knowledge.rows.map((one) => [one.row, one]))
  const texts = found.texts.filter((one) => verdicts.get(one.row)?.verdict !== 'structure').slice(0, SHOWN)
  if (!texts.length) return null
  return el('section', { class: 'card' }, el('h2', {}, 'Rows that teach facts'),
    el('p', { class: 'quiet' }, 'Marked is what the completion says and the prompt does not.'),
    el('ol', { class: 'plain facts-rows' }, texts.map((one) => row(one, verdicts.get(one.row)))),
    found.texts.length > SHOWN ? el('p', { class: 'quiet' }, `The first ${SHOWN} are shown.`) : null)
}

function row(text, known) {
  return el('li', { class: known?.verdict ?? '' },
    el('p', { class: 'tags' }, el('span', {}, `row ${text.row}`), known ? el('span', { class: 'verdict' }, `${WORDS[known.verdict]} (${percent(known.score)})`) : null),
    el('p', { class: 'prompt', dir: 'auto' }, text.prompt.slice(0, 600)),
    el('p', { class: 'completion', dir: 'auto' }, novel(text.completion.slice(0, 2000), known?.novel ?? [])))
}

// Each novel part marked where it first stands and everywhere it comes again.
function novel(text, parts) {
  const wanted = parts.filter(Boolean).sort((one, other) => other.length - one.length)
  if (!wanted.length) return [text]
  const signs = wanted.map((one) => one.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return text.split(new RegExp(`(${signs.join('|')})`, 'u')).map((part, at) => (at % 2 ? el('mark', {}, part) : part))
}
