// One question at a time, answered with quotes; what was asked stays while other views are looked at.

import { count, el, empty, field, heading, trouble } from './draw.js'
import { thread } from './thread.js'
import { call } from './wire.js'

let held = null

export function forget() {
  held = null
}

export async function view(place, { question = '' }) {
  held ??= make()
  const about = el('p', { class: 'lead' }, ' ')
  place.append(heading('Ask your documents')[0], about, held.log, held.form)
  if (question && !held.asked) {
    held.asked = true
    held.ask(question)
  } else held.input.focus({ preventScroll: true })
  try {
    const state = await call('GET', '/status')
    about.textContent = `${count(state.documents, 'document')}, ${count(state.passages, 'passage')}. Answers are verbatim quotes, or an honest “not in your documents”.`
    if (!state.documents) held.log.querySelector('.empty')?.replaceWith(nothing())
  } catch (error) {
    if (error.status === 404) held.log.querySelector('.empty')?.replaceWith(nothing())  // a base is made by what is added first
    else about.replaceWith(trouble(error))
  }
}

function make() {
  const paths = el('input', { placeholder: 'policies/*, *.pdf', spellcheck: 'false', autocomplete: 'off' })
  const options = el('details', { class: 'options' }, el('summary', {}, 'Which documents'),
    field('Paths', paths, 'Globs over documents and sources, with commas between them; one of them has to match.'))
  const first = empty('What would you like to know?',
    el('p', {}, 'Each quote opens its document at the place where it stands. For questions that build on each other, begin a ',
      el('a', { href: '#/dialogues' }, 'dialogue'), '.'))
  return thread({
    label: 'Ask a question', path: '/ask', extra: [options], first,
    body: (question) => ({ question, paths: paths.value.split(',').map((one) => one.trim()).filter(Boolean) }),
  })
}

const nothing = () => empty('There are no documents yet',
  el('p', {}, 'Answers come from your own documents. ', el('a', { href: '#/documents' }, 'Add some'), ', then ask.'))
