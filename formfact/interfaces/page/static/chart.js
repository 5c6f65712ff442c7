// How a training goes, as a drawing: conformance rises, loss falls.

import { el, percent, svg } from './draw.js'

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [640, 240, 46, 46, 16, 34]

// `looks` are TrainingSteps; gives what is to be shown in their place.
export function chart(looks) {
  const steps = looks.filter((one) => !one.stage && one.step > 0)
  const measured = looks.filter((one) => one.conformance !== null && one.conformance !== undefined)
  const last = Math.max(1, ...looks.map((one) => one.steps))
  const highest = Math.max(0.1, ...steps.map((one) => one.loss))
  const x = (step) => LEFT + (WIDTH - LEFT - RIGHT) * (step / last)
  const y = (share) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - share)
  const points = (some, value) => some.map((one) => `${x(one.step).toFixed(1)},${y(value(one)).toFixed(1)}`).join(' ')
  const label = measured.length
    ? `Conformance after ${measured.at(-1).step} of ${last} steps: ${percent(measured.at(-1).conformance)}`
    : 'Conformance has not been measured yet'
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => [
    svg('line', { class: 'grid', x1: LEFT, x2: WIDTH - RIGHT, y1: y(share), y2: y(share) }),
    svg('text', { x: LEFT - 8, y: y(share) + 4, 'text-anchor': 'end' }, percent(share)),
    share % 0.5 ? null : svg('text', { x: WIDTH - RIGHT + 8, y: y(share) + 4 }, (share * highest).toFixed(1)),
  ])
  return el('figure', { class: 'chart' },
    svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': label }, grid,
      svg('text', { x: LEFT, y: HEIGHT - 10 }, '0'),
      svg('text', { x: WIDTH - RIGHT, y: HEIGHT - 10, 'text-anchor': 'end' }, `step ${last}`),
      svg('polyline', { class: 'loss', points: points(steps, (one) => one.loss / highest) }),
      svg('polyline', { class: 'conformance', points: points(measured, (one) => one.conformance) }),
      measured.map((one) => svg('circle', { class: 'dot', cx: x(one.step), cy: y(one.conformance), r: 4.5 }))),
    el('figcaption', {}, el('span', { class: 'key conformance' }, 'conformance on held-out inputs'), el('span', { class: 'key loss' }, 'loss')),
    measured.length ? el('details', {}, el('summary', {}, 'Figures'),
      el('table', {}, el('thead', {}, el('tr', {}, ['step', 'conformance', 'loss'].map((one) => el('th', { scope: 'col' }, one)))),
        el('tbody', {}, measured.map((one) => el('tr', {}, el('td', {}, one.step), el('td', {}, percent(one.conformance)), el('td', {}, one.loss.toFixed(3))))))) : null)
}

const ARMS = [['before', 'before, given the text alone'], ['few_shot', 'before, given examples'], ['after', 'tuned'], ['after_masked', 'tuned, with the decoding mask']]

// What training was worth: each arm with its interval.
export function arms(conformance) {
  const known = ARMS.filter(([name]) => conformance[name])
  return el('table', { class: 'arms' },
    el('thead', {}, el('tr', {}, ['Held-out inputs, written by the model', 'conforming', 'share', '95 % interval'].map((one) => el('th', { scope: 'col' }, one)))),
    el('tbody', {}, known.map(([name, about]) => {
      const one = conformance[name]
      return el('tr', {}, el('th', { scope: 'row' }, about), el('td', {}, `${one.conforming} of ${one.checked}`), el('td', {}, percent(one.rate)), el('td', {}, `${percent(one.interval[0])} to ${percent(one.interval[1])}`))
    })))
}
