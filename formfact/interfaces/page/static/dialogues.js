// Dialogues: follow-up questions are understood in the context of what was said; each is kept under a name.

import { kept } from './answer.js'
import { button, count, el, empty, heading, sure, trouble } from './draw.js'
import { thread, turn } from './thread.js'
import { call } from './wire.js'

const open = (name) => `#/dialogue?${new URLSearchParams({ name })}`

export async function view(place) {
  const { dialogues } = await call('GET', '/dialogues')
  const list = el('ul', { class: 'plain list' }, dialogues.map((one) => row(one, place)))
  place.append(...heading('Dialogues', 'Ask, then ask on: “and how much does that cost?” is understood in context.'),
    el('p', {}, el('a', { class: 'button main', href: '#/dialogue' }, 'New dialogue')),
    dialogues.length ? list : empty('No dialogues yet', el('p', {}, 'One is kept under its first question, and goes on where it stopped.')))
}

function row(one, place) {
  const line = el('li', {},
    el('a', { href: open(one.name) }, el('b', { dir: 'auto' }, one.name),
      el('small', {}, `${count(one.turns, 'question')} · ${new Date(one.said).toLocaleString()}`)),
    button('Delete', async () => {
      if (!await sure('Delete this dialogue?', `“${one.name}” and all that was said in it will be gone.`, 'Delete')) return
      try {
        await call('DELETE', '/dialogue', { query: { name: one.name } })
        line.remove()
      } catch (error) {
        place.append(trouble(error))
      }
    }))
  return line
}

export async function one(place, { name = '' }) {
  const found = name ? await call('GET', '/dialogue', { query: { name } }) : { turns: [] }
  const title = heading(name || 'New dialogue')[0]
  title.dir = 'auto'
  const first = name ? null : empty('Begin with a question', el('p', {}, 'The next ones may leave out what is clear from before.'))
  const held = thread({
    label: name ? 'Ask on' : 'Ask a question', path: '/chat', first,
    body: (text) => ({ text, name }),
    async begun(text) {
      if (name) return
      name = await unused(text)
      title.textContent = name
      history.replaceState(null, '', open(name))  // a reload goes on with it
    },
  })
  held.log.append(...found.turns.map((one) => turn(one.question, el('div', { class: 'answer' }, kept(one)))))
  place.append(el('p', { class: 'back' }, el('a', { href: '#/dialogues' }, '‹ Dialogues')), title, held.log, held.form)
  if (found.turns.length) held.log.lastElementChild.scrollIntoView({ block: 'nearest' })
  held.input.focus({ preventScroll: true })
}

// The first question as a name; numbered where there is one of that name.
async function unused(text) {
  const { dialogues } = await call('GET', '/dialogues')
  const taken = new Set(dialogues.map((one) => one.name))
  const short = [...text.replace(/\s+/g, ' ').trim()].slice(0, 54).join('').trim()
  let name = short
  for (let turn = 2; taken.has(name); turn++) name = `${short} (${turn})`
  return name
}
