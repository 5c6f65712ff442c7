// A job as a card: how far it has come, what came of it, and a way to end it.

import { button, clock, count, el, progress, say, trouble } from './draw.js'
import { call, watch } from './wire.js'

const WORDS = { add: 'Reading documents', audit: 'Asking for every passage', train: 'Training', 're-embed': 'Embedding anew', evaluate: 'Measuring' }
export const OVER = ['done', 'failed', 'ended']

// `title` is what it is called here; `finished(job)` gives what is shown when it is done.
export function card(title, { finished, step = () => {} }) {
  const line = progress(title)
  const about = el('p', { class: 'quiet' }, 'Waiting …')
  const end = button('End it', () => {})
  end.hidden = true
  const shown = el('section', { class: 'card job', 'aria-label': title }, el('div', { class: 'row' }, el('h3', {}, title), end), line, about)

  return {
    shown,
    sending(share) {
      line.value = share
      about.textContent = share < 1 ? `Sending: ${Math.round(share * 100)} %` : 'Sent'
    },
    failed: (error) => shown.replaceChildren(el('h3', {}, title), trouble(error)),
    async follow(job, signal) {
      end.hidden = false
      end.onclick = () => call('DELETE', `/jobs/${job.id}`).catch((error) => shown.append(trouble(error)))
      try {
        for await (const one of watch(job.id, signal)) {
          stand(one)
          step(one)
          if (OVER.includes(one.state)) return over(one)
        }
      } catch (error) {
        if (error.name !== 'AbortError') shown.append(trouble(error))
      }
      return null
    },
  }

  function stand(one) {
    const at = one.progress
    if (one.state === 'waiting') about.textContent = 'Waiting for another job to end'
    else if (!at) about.textContent = `${WORDS[one.kind] ?? one.kind} …`
    else if ('steps' in at) {
      line.value = at.step / at.steps
      about.textContent = at.stage || `Step ${at.step} of ${at.steps} · loss ${at.loss.toFixed(2)} · ${Math.round(at.tokens_per_second).toLocaleString('en')} tokens/s · ${clock(at.left)} left`
    } else if ('files_total' in at) {
      line.value = at.share ?? (at.files_total ? at.files / at.files_total : 0)
      about.textContent = `${at.files} of ${count(at.files_total, 'file')} · ${count(at.passages, 'passage')}`
    } else if ('total' in at) {
      line.value = at.total ? at.done / at.total : 0
      about.textContent = `${at.done.toLocaleString('en')} of ${at.total.toLocaleString('en')} ${at.what}`
    }
  }

  function over(one) {
    end.remove()
    line.remove()
    about.remove()
    say(`${title}: ${one.state}`)
    if (one.state === 'done') shown.append(...[finished(one)].flat().filter(Boolean))
    else if (one.state === 'failed') shown.append(trouble(one.error))
    else shown.append(el('p', { class: 'quiet' }, 'Ended before it was done. Started again, it goes on where it stopped.'))
    return one
  }
}
