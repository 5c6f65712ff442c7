/**
 * <tide-card>: the small card with the level of one gauge that harbours put on their own web pages.
 *
 *   <script type="module" src="https://shearwater.local:8443/tide-card.js"></script>
 *   <tide-card instrument="north-pier" token="..." warn-at="7200"></tide-card>
 *
 * `warn-at` is a level in millimetres above chart datum. Without it the card never turns red. Give the card a
 * token with the scope `read`: everyone who opens the page can see it.
 */

const REFRESH_MS = 60_000;
const STALE_AFTER_MS = 25 * 60_000; // four missed readings of a Gannet 3; after that the card says so
const TREND_READINGS = 3;
const SLACK_MM = 12; // a change smaller than this over TREND_READINGS is shown as standing water

/** Rising, falling or standing, from the newest readings (oldest first). */
export function tideTrend(readings) {
  const recent = readings.slice(-TREND_READINGS).map((reading) => reading.level);
  if (recent.length < TREND_READINGS) return "unknown";
  const change = recent[recent.length - 1] - recent[0];
  if (Math.abs(change) < SLACK_MM) return "standing";
  return change > 0 ? "rising" : "falling";
}

/** Metres with two decimals and a true minus sign, as on the drum of the gauge. */
export function formatLevel(millimetres) {
  const sign = millimetres < 0 ? "\u2212" : "";
  return `${sign}${(Math.abs(millimetres) / 1000).toFixed(2)} m`;
}

/** The class of the card: doubtful readings are grey even when they are high. */
export function cardState(reading, warnAt, now) {
  if (!reading || now - Date.parse(reading.at) > STALE_AFTER_MS) return "stale";
  if (reading.quality === "D" || reading.quality === "H") return "doubtful";
  return warnAt !== null && reading.level >= warnAt ? "warning" : "good";
}

class TideCard extends HTMLElement {
  connectedCallback() {
    this.refreshTimer = setInterval(() => this.refresh(), REFRESH_MS);
    this.refresh();
  }

  disconnectedCallback() {
    clearInterval(this.refreshTimer);
  }

  async refresh() {
    const from = new Date(Date.now() - 3_600_000).toISOString().slice(0, 16) + "Z";
    const query = new URLSearchParams({ instrument: this.getAttribute("instrument"), from, gaps: "allow" });
    try {
      const answer = await fetch(`/v2/levels?${query}`, {
        headers: { Authorization: `Tide ${this.getAttribute("token")}` },
      });
      if (!answer.ok) throw new Error(String(answer.status));
      this.show((await answer.json()).items);
    } catch {
      this.show([]); // the card then goes stale by itself, which is the honest thing to say
    }
  }

  show(readings) {
    const newest = readings.at(-1);
    const warnAt = this.hasAttribute("warn-at") ? Number(this.getAttribute("warn-at")) : null;
    this.className = cardState(newest, warnAt, Date.now());
    this.textContent = newest ? `${formatLevel(newest.level)}, ${tideTrend(readings)}` : "no reading";
  }
}

customElements.define("tide-card", TideCard);
