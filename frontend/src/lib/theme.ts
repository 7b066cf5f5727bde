// Light, dark or as the system says. The choice lives in a cookie, so that the server can write data-theme
// into the page and nothing flashes.

export type Theme = 'system' | 'light' | 'dark'

const YEAR = 31_536_000

/** currentTheme reads the choice from the page. */
export function currentTheme(): Theme {
  const value = document.documentElement.dataset.theme
  return value === 'light' || value === 'dark' ? value : 'system'
}

/** setTheme applies the choice at once and remembers it for a year. */
export function setTheme(theme: Theme): void {
  const root = document.documentElement
  if (theme === 'system') delete root.dataset.theme
  else root.dataset.theme = theme
  const age = theme === 'system' ? 0 : YEAR
  document.cookie = `theme=${theme}; path=/; max-age=${age}; samesite=lax`
}
