// Light or dark is set before the first paint; without a choice the system's is taken.
const chosen = localStorage.getItem('theme')
if (chosen) document.documentElement.dataset.theme = chosen
